// Prometheus text format 0.0.4. /api/system/metrics has the figures of all agents too; podplayd's
// own port has only those of the control plane.
#include "api/metrics.hpp"

#include "control/watch/metrics/metrics.hpp"

namespace podplay::api {

Result<Answer> get_metrics(control::Context& context, Request&) {
  return Answer{.text = control::all_metrics(context), .media_type = kMetricsType};
}

net::HttpResponse answer_metrics(control::Context& context, const net::HttpRequest& request) {
  if (request.method != "GET" || request.path != "/metrics") {
    return {404, {{"Content-Type", "text/plain"}}, "use GET /metrics\n"};
  }
  return {200, {{"Content-Type", std::string(kMetricsType)}}, control::control_metrics(context)};
}

}  // namespace podplay::api
