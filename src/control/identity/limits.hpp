// Limits on guessing passwords.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace podplay::control {

// Failed logins of the last hour: at most 10 for one client address and account, at most 50 for one
// client address. A try counts as failed from its beginning, so that many at once are not more than
// one after the other.
class LoginLimits {
 public:
  bool begin(const std::string& address, const std::string& account, WallTime now);
  void succeeded(const std::string& address, const std::string& account, WallTime began);

 private:
  bool is_full(const std::string& key, std::size_t most, WallTime now);
  std::mutex mutex_;
  std::map<std::string, std::vector<WallTime>> tries_;
};

}  // namespace podplay::control
