// /api/aliases
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_aliases(control::Context& context, Request& request);
Result<Answer> create_alias(control::Context& context, Request& request);
Result<Answer> get_alias(control::Context& context, Request& request);
Result<Answer> update_alias(control::Context& context, Request& request);
Result<Answer> delete_alias(control::Context& context, Request& request);

}  // namespace podplay::api
