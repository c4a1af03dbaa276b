// The pod's own authority, which no system knows: a login takes its root certificate once, when a
// person has compared its fingerprint, and keeps it for later commands.
#pragma once

#include <string>

#include "cli/caller.hpp"
#include "cli/cli.hpp"

namespace podplay::cli {

// The root certificate of the server, in PEM, with its fingerprint confirmed: by `fingerprint`, or
// by an answer at a terminal. Fails with "fingerprint_missing" when there is nobody to ask.
Result<std::string> confirm_authority(World& world, const std::string& base_url,
                                      const std::string& fingerprint);

}  // namespace podplay::cli
