// Who called this program with sudo. The variable is text from outside: one that is no user's
// number counts as absent, and never as root.
#pragma once

#include <pwd.h>

#include <map>
#include <optional>
#include <string>

namespace podplay::cli {

// The number of SUDO_UID; nothing without sudo.
std::optional<uid_t> uid_of_sudo(const std::map<std::string, std::string>& environment);
// That user, in the memory of getpwuid(3). Null when this process is not root's, without sudo,
// and when there is no such user.
const passwd* caller_of_sudo(const std::map<std::string, std::string>& environment);

}  // namespace podplay::cli
