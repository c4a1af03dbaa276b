// /api/bootstrap
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> bootstrap(control::Context& context, Request& request);

}  // namespace podplay::api
