// A second factor has the limits of passwords: a wrong one counts like a wrong password.
#pragma once

#include "control/context.hpp"
#include "control/identity/factors.hpp"
#include "model/user.hpp"

namespace podplay::control {

// Succeeds when `answer` is right. Fails with "too_many_logins" without looking at it, or with what
// verify_factor() says; a wrong one is in the audit (FACTOR_FAILED).
Status prove_factor(Context& context, const Actor& asking, const User& user,
                    const FactorAnswer& answer);

}  // namespace podplay::control
