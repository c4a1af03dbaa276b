// Every sample is of this agent's service. The number of samples does not grow with the domains:
// probes that name one are left out.
#include "agent/metrics/agent_metrics.hpp"

namespace podplay::agent {
namespace {

constexpr MetricFamily gauge(std::string_view name, std::string_view help) {
  return {.name = name, .type = MetricType::gauge, .help = help};
}
constexpr MetricFamily counter(std::string_view name, std::string_view help) {
  return {.name = name, .type = MetricType::counter, .help = help};
}

constexpr MetricFamily kReady =
    gauge("podplay_agent_ready", "1 when every probe of the service passes");
constexpr MetricFamily kLinked = gauge("podplay_agent_linked", "1 while the control plane answers");
constexpr MetricFamily kRevision = gauge("podplay_agent_revision", "Revision in use");
constexpr MetricFamily kSequence =
    gauge("podplay_agent_feed_sequence", "Rows of the feed applied up to this sequence");
constexpr MetricFamily kSetAside =
    gauge("podplay_agent_rows_set_aside", "Rows that a daemon did not take");
constexpr MetricFamily kRows = counter("podplay_agent_rows_total", "Rows of the feed applied");
constexpr MetricFamily kRowSeconds =
    counter("podplay_agent_rows_seconds_total", "Time spent applying rows");
constexpr MetricFamily kInstalled =
    counter("podplay_agent_releases_installed_total", "Releases installed and proven");
constexpr MetricFamily kUnchanged =
    counter("podplay_agent_snapshots_unchanged_total", "Snapshots that changed no file");
constexpr MetricFamily kRefused =
    counter("podplay_agent_snapshots_refused_total", "Snapshots that were refused");
constexpr MetricFamily kRollbacks =
    counter("podplay_agent_rollbacks_total", "Rollbacks to an earlier release");
constexpr MetricFamily kLinkLosses =
    counter("podplay_agent_link_losses_total", "Times the control plane went away");
constexpr MetricFamily kDaemonReady =
    gauge("podplay_agent_daemon_ready", "1 while the daemon passes its probes");
constexpr MetricFamily kRestarts =
    counter("podplay_agent_daemon_restarts_total", "Starts after the first");
constexpr MetricFamily kProbe =
    gauge("podplay_agent_probe_ok", "1 when the last probe of this name has passed");
constexpr MetricFamily kStages{.name = "podplay_agent_stage_seconds",
                               .type = MetricType::summary,
                               .help = "Durations of the stages of the pipe"};

void add_daemons(MetricText& text, const ServiceStatus& status) {
  text.family(kDaemonReady);
  for (const DaemonStatus& daemon : status.daemons) {
    text.sample(kDaemonReady, {{"daemon", daemon.name}}, daemon.state == "ready" ? 1 : 0);
  }
  text.family(kRestarts);
  for (const DaemonStatus& daemon : status.daemons) {
    text.sample(kRestarts, {{"daemon", daemon.name}}, daemon.restarts);
  }
}

// A probe is named by what it asks; those that name a domain would be as many as there are domains.
void add_probes(MetricText& text, const ServiceStatus& status) {
  constexpr std::size_t kMostProbes = 50;
  text.family(kProbe);
  std::size_t written = 0;
  for (const ProbeStatus& probe : status.probes) {
    if (probe.name.find('.') == probe.name.npos && written++ < kMostProbes) {
      text.sample(kProbe, {{"probe", probe.name}}, probe.ok ? 1 : 0);
    }
  }
}

void add_stages(MetricText& text, const Board& board) {
  constexpr double kMicros = 1e6;
  text.family(kStages);
  for (const auto& [stage, figure] : board.stages()) {
    const MetricLabels labels{{"stage", std::string(to_text(stage))}};
    text.sample(kStages, labels, static_cast<double>(figure.first), "_count");
    text.sample(kStages, labels, static_cast<double>(figure.second.count()) / kMicros, "_sum");
  }
}

}  // namespace

std::string board_metrics(const Board& board) {
  const ServiceStatus status = board.status();
  const Figures& figures = board.figures;
  constexpr double kMicros = 1e6;
  MetricText text({{"service", std::string(to_text(status.agent.service))}});
  const auto count = [&](const MetricFamily& family, std::uint64_t value) {
    text.one(family, static_cast<double>(value));
  };
  count(kReady, status.state == "ready" ? 1 : 0);
  count(kLinked, figures.linked ? 1 : 0);
  count(kRevision, static_cast<std::uint64_t>(status.revision));
  count(kSequence, status.feed_seq);
  count(kSetAside, status.set_aside_count);
  count(kRows, figures.rows);
  text.one(kRowSeconds, static_cast<double>(figures.row_micros) / kMicros);
  count(kInstalled, figures.installed);
  count(kUnchanged, figures.unchanged);
  count(kRefused, figures.refused);
  count(kRollbacks, figures.rolled_back);
  count(kLinkLosses, figures.link_losses);
  add_daemons(text, status);
  add_probes(text, status);
  add_stages(text, board);
  board.metrics.write(text);
  return text.take();
}

}  // namespace podplay::agent
