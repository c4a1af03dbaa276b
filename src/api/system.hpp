// /livez, /readyz, /startupz, /api/system
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_livez(control::Context& context, Request& request);
Result<Answer> get_readyz(control::Context& context, Request& request);
Result<Answer> get_startupz(control::Context& context, Request& request);
Result<Answer> get_status(control::Context& context, Request& request);
Result<Answer> list_history(control::Context& context, Request& request);
Result<Answer> restart_service(control::Context& context, Request& request);

}  // namespace podplay::api
