// /api/system/alerts
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_alerts(control::Context& context, Request& request);
Result<Answer> silence_alert(control::Context& context, Request& request);
Result<Answer> unsilence_alert(control::Context& context, Request& request);
Result<Answer> test_alerts(control::Context& context, Request& request);

}  // namespace podplay::api
