// Answers come from the board alone, so a probe is answered even while every other thread is busy.
#include "agent/health.hpp"

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "wire/link.hpp"

namespace podplay::agent {
namespace {

net::HttpResponse json_answer(int status, const wire::Json& value) {
  return {status, {{"Content-Type", "application/json"}}, json_text(value) + "\n"};
}

}  // namespace

int health_port(ServiceName service) {
  switch (service) {
    case ServiceName::apache: return 8611;
    case ServiceName::bind: return 8612;
    case ServiceName::mail: break;
  }
  return 8613;
}

net::HttpResponse answer_health(const net::HttpRequest& request, const Board& board,
                                const std::function<bool()>& alive) {
  if (request.method != "GET") {
    return json_answer(405, {{"message", "use GET"}});
  }
  if (request.path == "/livez") {
    const bool well = alive();
    return json_answer(well ? 200 : 503, {{"alive", well}});
  }
  if (request.path == "/readyz") {
    const ServiceStatus status = board.status();
    wire::Json value = wire::to_json(status);
    value["ready"] = status.state == "ready";
    value["linked"] = board.figures.linked.load();
    // Why not; a diagnosis asks here when the link is down.
    value["link"] = board.link_words();
    return json_answer(status.state == "ready" ? 200 : 503, value);
  }
  return json_answer(404, {{"message", "there is no such path; use /livez, /readyz or /metrics"}});
}

}  // namespace podplay::agent
