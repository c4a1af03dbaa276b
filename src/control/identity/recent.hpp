// What only its owner may do to an account, and not whoever found an open browser or a token: the
// login was proven a short while ago (PODPLAY_REAUTHENTICATION), or the request proves it again.
#pragma once

#include <optional>

#include "control/context.hpp"
#include "control/identity/factors.hpp"
#include "model/user.hpp"

namespace podplay::control {

bool is_recent(const Context& context, const Actor& actor);
// Succeeds when the login is recent, or `current` is the password of `user`, who is the actor.
// Fails with "proof_needed" (403): the client asks for the password, and sends the request again
// with current_password, or after prove_session(). A wrong password counts like a failed login.
Status require_recent(Context& context, const Actor& actor, const User& user,
                      const std::optional<Secret>& current);

}  // namespace podplay::control
