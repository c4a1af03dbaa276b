// The levels of logs: seeing them, and changing one for a while.
#pragma once

#include "api/request.hpp"
#include "control/context.hpp"

namespace podplay::api {

Result<Answer> get_log_levels(control::Context& context, Request& request);
Result<Answer> set_log_levels(control::Context& context, Request& request);

}  // namespace podplay::api
