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

struct Metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::string value;
};

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
    return json_answer(status.state == "ready" ? 200 : 503, value);
  }
  if (request.path == "/metrics") {
    return {200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics_text(board)};
  }
  return json_answer(404, {{"message", "there is no such path; use /livez, /readyz or /metrics"}});
}

std::string metrics_text(const Board& board) {
  const ServiceStatus status = board.status();
  const Figures& figures = board.figures;
  const std::string service(to_text(status.agent.service));
  std::string text;
  const auto head = [&](std::string_view name, std::string_view type, std::string_view help) {
    text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  };
  for (const Metric& metric : {
           Metric{"podplay_agent_ready", "gauge", "1 when every probe of the service passes",
                  std::to_string(status.state == "ready")},
           Metric{"podplay_agent_linked", "gauge", "1 while the control plane answers",
                  std::to_string(figures.linked.load())},
           Metric{"podplay_agent_revision", "gauge", "Revision in use",
                  std::to_string(status.revision)},
           Metric{"podplay_agent_feed_seq", "gauge",
                  "Directory changes applied up to this sequence", std::to_string(status.feed_seq)},
           Metric{"podplay_agent_rows_set_aside", "gauge", "Rows that a daemon did not take",
                  std::to_string(status.set_aside_count)},
           Metric{"podplay_agent_rows_total", "counter", "Rows of the feed applied",
                  std::to_string(figures.rows)},
           Metric{"podplay_agent_rows_seconds_total", "counter", "Time spent applying rows",
                  fmt::format("{:.6f}", static_cast<double>(figures.row_micros) / 1e6)},
           Metric{"podplay_agent_releases_installed_total", "counter",
                  "Releases installed and proven", std::to_string(figures.installed)},
           Metric{"podplay_agent_snapshots_unchanged_total", "counter",
                  "Snapshots that changed no file", std::to_string(figures.unchanged)},
           Metric{"podplay_agent_snapshots_refused_total", "counter", "Snapshots that were refused",
                  std::to_string(figures.refused)},
           Metric{"podplay_agent_rollbacks_total", "counter", "Rollbacks to an earlier release",
                  std::to_string(figures.rolled_back)},
           Metric{"podplay_agent_link_losses_total", "counter", "Times the control plane went away",
                  std::to_string(figures.link_losses)},
       }) {
    head(metric.name, metric.type, metric.help);
    text += fmt::format("{}{{service=\"{}\"}} {}\n", metric.name, service, metric.value);
  }
  head("podplay_agent_daemon_ready", "gauge", "1 while the daemon passes its probes");
  for (const DaemonStatus& daemon : status.daemons) {
    text += fmt::format("podplay_agent_daemon_ready{{service=\"{}\",daemon=\"{}\"}} {:d}\n",
                        service, daemon.name, daemon.state == "ready");
  }
  head("podplay_agent_daemon_restarts_total", "counter", "Starts after the first");
  for (const DaemonStatus& daemon : status.daemons) {
    text += fmt::format("podplay_agent_daemon_restarts_total{{service=\"{}\",daemon=\"{}\"}} {}\n",
                        service, daemon.name, daemon.restarts);
  }
  head("podplay_agent_stage_seconds", "summary", "Durations of the stages of the pipe");
  for (const auto& [stage, figure] : board.stages()) {
    text += fmt::format(
        "podplay_agent_stage_seconds_count{{service=\"{0}\",stage=\"{1}\"}} {2}\n"
        "podplay_agent_stage_seconds_sum{{service=\"{0}\",stage=\"{1}\"}} {3:.6f}\n",
        service, to_text(stage), figure.first, static_cast<double>(figure.second.count()) / 1e6);
  }
  return text;
}

}  // namespace podplay::agent
