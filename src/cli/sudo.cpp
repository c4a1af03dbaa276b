// sudo(8) gives the number of the user who called it in SUDO_UID.
#include "cli/sudo.hpp"

#include <unistd.h>

#include "base/numbers.hpp"

namespace podplay::cli {

const passwd* caller_of_sudo(const std::map<std::string, std::string>& environment) {
  const auto found = environment.find("SUDO_UID");
  if (::geteuid() != 0 || found == environment.end()) {
    return nullptr;
  }
  const auto uid = parse_number<uid_t>(found->second);
  return uid ? ::getpwuid(*uid) : nullptr;
}

}  // namespace podplay::cli
