// The limits of the settings, and the secret that makes marks of passwords.
#pragma once

#include "control/context.hpp"
#include "model/limits.hpp"

namespace podplay::control {

LimitRules limit_rules(const Settings& settings);
// In the init container: makes the secret once, and gives it to the mail agent beside its
// enrolment secret, so that all doors make the same mark of a password.
Status prepare_login_nonce(Context& context);
// At the start of the control plane: gives rules and secret to context.logins.
void adopt_limits(Context& context);

}  // namespace podplay::control
