// Settings in the store: those of the environment, adopted as a revision when they differ from the
// last ones.
#pragma once

#include <map>
#include <string>

#include "control/context.hpp"

namespace podplay::control {

// The environment with the settings that are secrets, which `podplay up` gives in a file: an object
// by name. podman 4.3 leaves its base64 as it is. Without the file: the environment alone, and what
// the environment has stays.
Result<std::map<std::string, std::string>> with_secret_settings(
    std::map<std::string, std::string> environment, Files& files, const std::string& path);

// Call it at start, before the agents are served. A zone whose records change with the settings
// gets a higher serial.
Status adopt_settings(Context& context);

}  // namespace podplay::control
