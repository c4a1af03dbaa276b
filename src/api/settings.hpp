// /api/settings
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_settings(control::Context& context, Request& request);

}  // namespace podplay::api
