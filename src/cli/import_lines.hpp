// An import whose rows are handled one by one: its progress, and what became of each row.
#pragma once

#include "cli/caller.hpp"
#include "cli/invocation.hpp"

namespace podplay::cli {

// Sends the request and shows each row that failed as it comes, and how far the import is. The exit
// code is that of the first row that failed.
int follow_import(const Invocation& invocation, Caller& caller, net::HttpRequest request);

}  // namespace podplay::cli
