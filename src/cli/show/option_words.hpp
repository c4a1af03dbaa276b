// Errors of the API in the words of the command line.
#pragma once

#include "base/result.hpp"
#include "cli/commands.hpp"

namespace podplay::cli {

// The same error: a field that the person gave by an option has the option's name ("--quota"), and
// another request of the API is named by its command ("podplay logs").
Error in_option_words(Error error, const CommandRow& row);

}  // namespace podplay::cli
