// Whose logins have ended, and when. Who logged in before that may not go on, also when the account
// may log in again: its password is another one now.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace podplay::agent {

// For any thread. Kept in memory only: with the agent, all sessions end.
class EndedLogins {
 public:
  // `who` is a mailbox, or "@DOMAIN" for all of a domain's.
  void end(const std::string& who, SteadyTime now);
  // Whether the mailbox's logins have ended at `since` or later.
  bool ended_since(std::string_view mailbox, SteadyTime since) const;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, SteadyTime, std::less<>> ended_;
  // Guarded by mutex_: everybody's logins from before this time count as ended, since the map had
  // got too large and was emptied.
  SteadyTime all_before_ = SteadyTime::min();
};

}  // namespace podplay::agent
