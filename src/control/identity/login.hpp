// Logins: a password for a bearer token, tokens to actors, and the first administrator.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>

#include "control/identity/users.hpp"

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

struct Login {
  // shown once; only its hash is stored
  std::string token;
  WallTime expires{};
  User user;
};

Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking);
Result<Actor> authenticate(Context& context, const std::string& token);
Status logout(Context& context, const Actor& actor, const std::string& token);
// Only while there is no administrator, with the one-time secret of the state volume; adds
// PODPLAY_DOMAIN too.
Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret,
                                const UserInput& input, const WriteOptions& options);
// Writes the secret while there is no administrator.
Status prepare_bootstrap(Context& context);

}  // namespace podplay::control
