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

// Known tokens in memory, so that an authenticated read needs no SQL for its token. Code that ends
// a token must make this cache forget it.
//
// Any thread may call it.
class TokenCache {
 public:
  // `hash` is the token's SHA-256 in hex, here and below.
  std::optional<Actor> find(const std::string& hash, WallTime now) const;
  // `epoch` is from before the store was read. When a token was forgotten since then, the actor is
  // not kept: what was read may be out of date.
  void put(const std::string& hash, const Actor& actor, WallTime expires, std::uint64_t epoch);
  void forget(const std::string& hash);
  void forget_user(std::int64_t user_id);
  void forget_domain(const std::string& domain);
  // Changes with every forget.
  std::uint64_t epoch() const;

 private:
  mutable std::shared_mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::pair<Actor, WallTime>> actors_;
  std::uint64_t epoch_ = 0;
};

// Whether the user may use the API: the account is enabled, and so is its domain. An administrator
// may also when the domain is disabled; somebody must be able to enable it again.
bool may_use_api(store::Session& session, const User& user);

// The user of a token that was not given back, has not expired, and who may use the API. Fails with
// "token_invalid" otherwise.
Result<Actor> authenticate(Context& context, const std::string& token);

}  // namespace podplay::control
