// Use-cases of locks: why a user cannot log in, and to let them in again.
#pragma once

#include "control/context.hpp"
#include "guard/login_limiter.hpp"
#include "model/user.hpp"

namespace podplay::control {

struct UserLock {
  std::string email;
  guard::AccountState state;
};

// `key` is an id or an e-mail address, here and below. Users may see their own.
Result<UserLock> why_locked(Context& context, const Actor& actor, const std::string& key);
// Forgets the wrong passwords for the account at all doors, and those that came from its owner's
// addresses. Returns the account.
Result<std::string> unlock_user(Context& context, const Actor& actor, const std::string& key);

}  // namespace podplay::control
