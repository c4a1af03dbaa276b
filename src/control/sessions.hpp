// Logins: a password for a bearer token, tokens to actors, and the first administrator.
#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>

#include "control/users.hpp"

namespace podplay::control {

// Known tokens in memory, so that an authenticated read asks no SQL for its token. What ends a token forgets it here.
class TokenCache {
 public:
  std::optional<Actor> find(const std::string& hash, WallTime now) const;
  void put(const std::string& hash, const Actor& actor, WallTime expires);
  void forget(const std::string& hash);
  void forget_user(std::int64_t user_id);
  // Changes with every forget: what was read before must not be put in after.
  std::uint64_t epoch() const;

  // Failed logins: at most 10 an hour for one address and account.
  bool may_try(const std::string& who, WallTime now);
  void count_failure(const std::string& who, WallTime now);

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::pair<Actor, WallTime>> actors_;
  std::map<std::string, std::vector<WallTime>> failures_;
  std::uint64_t epoch_ = 0;
};

struct Login {
  std::string token;  // shown once; only its hash is stored
  WallTime expires{};
  User user;
};

Result<Login> login(Context& context, const std::string& email, const Secret& password, const Actor& asking);
Result<Actor> authenticate(Context& context, const std::string& token);
Status logout(Context& context, const Actor& actor, const std::string& token);
// Only while there is no administrator, with the one-time secret of the state volume; adds PODPLAY_DOMAIN too.
Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret, const UserInput& input,
                                const WriteOptions& options);
// Writes the secret while there is no administrator.
Status prepare_bootstrap(Context& context);

}  // namespace podplay::control
