// /api/bootstrap, /api/login, /api/logout, /api/session
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> bootstrap(control::Context& context, Request& request);
Result<Answer> login(control::Context& context, Request& request);
Result<Answer> logout(control::Context& context, Request& request);
Result<Answer> get_session(control::Context& context, Request& request);

}  // namespace podplay::api
