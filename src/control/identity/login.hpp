// Logins: a password for a bearer token, until it expires or is given back.
#pragma once

#include <string>

#include "control/context.hpp"
#include "model/user.hpp"

namespace podplay::control {

struct Login {
  // shown once; only its hash is stored
  std::string token;
  WallTime expires{};
  User user;
};

Result<Login> login(Context& context, const std::string& email, const Secret& password,
                    const Actor& asking);
Status logout(Context& context, const Actor& actor, const std::string& token);

}  // namespace podplay::control
