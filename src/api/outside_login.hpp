// /api/login/outside, /api/login/outside/begin, /api/users/{id}/outside-login
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> offer_outside_login(control::Context& context, Request& request);
Result<Answer> begin_outside_login(control::Context& context, Request& request);
Result<Answer> finish_outside_login(control::Context& context, Request& request);
Result<Answer> get_outside_connection(control::Context& context, Request& request);
Result<Answer> disconnect_outside_login(control::Context& context, Request& request);

}  // namespace podplay::api
