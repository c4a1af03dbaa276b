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

// One line for each part, as Kubernetes writes it: "[+]release ok", "[-]port-imap failed: why".
std::string verbose_text(const ServiceStatus& status) {
  std::string text;
  const auto line = [&](bool well, std::string_view name, std::string_view words) {
    text += fmt::format("[{}]{} {}\n", well ? '+' : '-', name, words);
  };
  for (const DaemonStatus& daemon : status.daemons) {
    line(daemon.state == "ready", "process-" + daemon.name, daemon.state);
  }
  for (const ProbeStatus& probe : status.probes) {
    line(probe.ok, "probe-" + probe.name, (probe.ok ? "ok: " : "failed: ") + probe.message);
  }
  for (const HealthCheck& check : status.checks) {
    line(check.result != CheckResult::failed, check.name,
         fmt::format("{}: {}", to_text(check.result), check.reason));
  }
  return text + fmt::format("{} {}{}{}\n", to_text(status.agent.service), status.state,
                            status.message.empty() ? "" : ": ", status.message);
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
  if (request.path == "/startupz") {
    const bool started = board.proven();
    return json_answer(started ? 200 : 503, {{"started", started}});
  }
  if (request.path == "/readyz") {
    const ServiceStatus status = board.status();
    if (request.query.contains("verbose")) {
      return {status.state == "ready" ? 200 : 503,
              {{"Content-Type", "text/plain; charset=utf-8"}},
              verbose_text(status)};
    }
    wire::Json value = wire::to_json(status);
    value["ready"] = status.state == "ready";
    value["linked"] = board.figures.linked.load();
    // Why not; a diagnosis asks here when the link is down.
    value["link"] = board.link_words();
    return json_answer(status.state == "ready" ? 200 : 503, value);
  }
  return json_answer(
      404, {{"message", "there is no such path; use /livez, /readyz, /startupz or /metrics"}});
}

}  // namespace podplay::agent
