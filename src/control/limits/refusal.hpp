// A try to log in over HTTP, and the answer when it is refused.
#pragma once

#include <string>

#include "control/context.hpp"
#include "guard/login_limiter.hpp"

namespace podplay::control {

guard::LoginTry login_try(const Context& context, const Actor& asking, const std::string& account,
                          const Secret& password);
// "too_many_logins", with the time until the next try.
std::unexpected<Error> refuse_login(const Context& context, const guard::LoginRefusal& refusal);

}  // namespace podplay::control
