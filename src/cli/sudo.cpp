// sudo(8) gives the number of the user who called it in SUDO_UID.
#include "cli/sudo.hpp"

#include <unistd.h>

#include "base/numbers.hpp"

namespace podplay::cli {

std::optional<uid_t> uid_of_sudo(const std::map<std::string, std::string>& environment) {
  const auto found = environment.find("SUDO_UID");
  return found == environment.end() ? std::nullopt : parse_number<uid_t>(found->second);
}

const passwd* caller_of_sudo(const std::map<std::string, std::string>& environment) {
  const auto uid = uid_of_sudo(environment);
  return ::geteuid() == 0 && uid ? ::getpwuid(*uid) : nullptr;
}

}  // namespace podplay::cli
