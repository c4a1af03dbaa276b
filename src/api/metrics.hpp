// /api/system/metrics, and /metrics on podplayd's own port.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_metrics(control::Context& context, Request& request);
// Of podplayd only; for a port that only this pod reaches.
net::HttpResponse answer_metrics(control::Context& context, const net::HttpRequest& request);

}  // namespace podplay::api
