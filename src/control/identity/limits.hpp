// Limits for guessing passwords.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace podplay::control {

// Counts the failed logins of the last hour: at most 10 for one client address and account, at most
// 50 for one client address. A try counts as failed from its beginning, so many tries at the same
// time are limited like tries one after the other.
//
// Any thread may call it.
class LoginLimits {
 public:
  // False: too many have failed, and this try must not be made.
  bool begin(const std::string& address, const std::string& account, WallTime now);
  // Takes back the try that began at `began`.
  void succeeded(const std::string& address, const std::string& account, WallTime began);

 private:
  // Forgets what is older than an hour. Needs mutex_.
  bool is_full(const std::string& key, std::size_t most, WallTime now);

  std::mutex mutex_;
  // Guarded by mutex_. When each try began, oldest first, by "ADDRESS" and by "ADDRESS ACCOUNT".
  std::map<std::string, std::vector<WallTime>> tries_;
};

}  // namespace podplay::control
