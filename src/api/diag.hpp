// /api/system/diag: a service from the inside.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_diag(control::Context& context, Request& request);

}  // namespace podplay::api
