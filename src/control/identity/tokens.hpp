// Bearer tokens: from a token to the user who asks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>

#include "control/context.hpp"

namespace podplay::control {

// Known tokens in memory, so that an authenticated read asks no SQL for its token. What ends a
// token forgets it here.
class TokenCache {
 public:
  std::optional<Actor> find(const std::string& hash, WallTime now) const;
  // `epoch`: from before the store was read. When something was forgotten since, what was read is
  // not kept.
  void put(const std::string& hash, const Actor& actor, WallTime expires, std::uint64_t epoch);
  void forget(const std::string& hash);
  void forget_user(std::int64_t user_id);
  // changes with every forget
  std::uint64_t epoch() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::pair<Actor, WallTime>> actors_;
  std::uint64_t epoch_ = 0;
};

Result<Actor> authenticate(Context& context, const std::string& token);

}  // namespace podplay::control
