// /api/users/{id}/lock and /api/users/{id}/unlock
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> why_locked(control::Context& context, Request& request);
Result<Answer> unlock_user(control::Context& context, Request& request);

}  // namespace podplay::api
