// POST /api/users/import
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> import_users(control::Context& context, Request& request);

}  // namespace podplay::api
