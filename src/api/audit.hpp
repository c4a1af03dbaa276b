// /api/audit
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_audit(control::Context& context, Request& request);
Result<Answer> verify_audit(control::Context& context, Request& request);

}  // namespace podplay::api
