// Logins: a user gets a bearer token for a password. It lasts until it expires or is given back.
#pragma once

#include <string>

#include "control/context.hpp"
#include "model/user.hpp"

namespace podplay::control {

struct Login {
  // Shown once. Only its hash is stored.
  std::string token;
  WallTime expires{};
  User user;
};

// Fails with "login_failed", which does not say what was wrong, or with "too_many_logins"
// (guard/login_limiter) without looking at the password.
Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking);
// Ends the token. Other logins of the user go on.
Status logout(Context& context, const Actor& actor, const std::string& token);

}  // namespace podplay::control
