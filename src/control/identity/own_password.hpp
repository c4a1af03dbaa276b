// A person's own password is changed only by who knows it. Whoever has no more than a stolen token
// cannot take the account over.
#pragma once

#include <optional>

#include "control/context.hpp"
#include "model/user.hpp"

namespace podplay::control {

// Succeeds when `current` is the password of `user`, who is the actor. A wrong one counts like a
// failed login (guard/login_limiter) and is in the audit. Takes about 22 ms.
Status prove_own_password(Context& context, const Actor& actor, const User& user,
                          const std::optional<Secret>& current);

}  // namespace podplay::control
