// /api/users
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_users(control::Context& context, Request& request);
Result<Answer> create_user(control::Context& context, Request& request);
Result<Answer> get_user(control::Context& context, Request& request);
Result<Answer> update_user(control::Context& context, Request& request);
Result<Answer> delete_user(control::Context& context, Request& request);

}  // namespace podplay::api
