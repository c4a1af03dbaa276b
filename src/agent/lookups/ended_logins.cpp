// An entry is some hundred bytes, and is needed for as long as a session may last, which nothing
// bounds. So the map is emptied when it is large, at the price of some sessions.
#include "agent/lookups/ended_logins.hpp"

#include <algorithm>

namespace podplay::agent {
namespace {

constexpr std::size_t kMostKept = 100'000;

}  // namespace

void EndedLogins::end(const std::string& who, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (ended_.size() >= kMostKept) {
    ended_.clear();
    all_before_ = now;
  }
  ended_[who] = now;
}

bool EndedLogins::ended_since(std::string_view mailbox, SteadyTime since) const {
  const std::scoped_lock lock(mutex_);
  const auto ended = [&](std::string_view who) {
    const auto found = ended_.find(who);
    return found != ended_.end() && found->second >= since;
  };
  return since <= all_before_ || ended(mailbox) ||
         ended(mailbox.substr(std::min(mailbox.rfind('@'), mailbox.size())));
}

}  // namespace podplay::agent
