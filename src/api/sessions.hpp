// /api/sessions: the own logins in browsers
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_sessions(control::Context& context, Request& request);
Result<Answer> revoke_session(control::Context& context, Request& request);
Result<Answer> revoke_other_sessions(control::Context& context, Request& request);

}  // namespace podplay::api
