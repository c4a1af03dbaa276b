// Each rule has a function of its own, which adds at most a few problems for each service.
#include "control/watch/alerts/rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/metrics.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::size_t kMostLines = 10;

std::string service_of(const ServiceStatus& status) {
  return std::string(to_text(status.agent.service));
}

std::string doctor(const std::string& service) {
  return fmt::format("`podplay doctor {}` names the cause", service);
}

void add_away(AlertView& view, const ServiceStatus& status) {
  const std::string agent = to_text(status.agent);
  view.problems.push_back(
      {.key = "away:" + agent,
       .severity = AlertSeverity::error,
       .service = service_of(status),
       .source = kControlSource,
       .text = {.cause = fmt::format("the agent of {} does not report", service_of(status)),
                .evidence = status.message,
                .remedy = "see whether its container runs: `podplay doctor` on the host",
                .runbook = ""}});
}

void add_daemons(AlertView& view, const ServiceStatus& status) {
  const std::string agent = to_text(status.agent);
  for (const DaemonStatus& daemon : status.daemons) {
    if (daemon.state == "ready") {
      continue;
    }
    const bool starts = daemon.state == "starting";
    view.problems.push_back(
        {.key = fmt::format("daemon:{}:{}", agent, daemon.name),
         .severity = AlertSeverity::error,
         .service = service_of(status),
         .source = agent,
         .text = {.cause = fmt::format("{} {}", daemon.name,
                                       starts ? "does not become ready" : "does not run"),
                  .evidence = fmt::format("state {}, started again {} times\n{}", daemon.state,
                                          daemon.restarts, daemon.last_words),
                  .remedy = doctor(service_of(status)),
                  .runbook = ""}});
  }
}

// Probes fail as well while a daemon does not run; that is told already.
void add_probes(AlertView& view, const ServiceStatus& status) {
  const bool all_run = std::ranges::all_of(
      status.daemons, [](const DaemonStatus& daemon) { return daemon.state == "ready"; });
  std::vector<std::string> lines;
  for (const ProbeStatus& probe : status.probes) {
    if (!probe.ok && lines.size() < kMostLines) {
      lines.push_back(fmt::format("{}: {}", probe.name, probe.message));
    }
  }
  for (const HealthCheck& check : status.checks) {
    if (check.result == CheckResult::failed && lines.size() < kMostLines) {
      lines.push_back(fmt::format("{}: {}", check.name, check.reason));
    }
  }
  if (!all_run || lines.empty()) {
    return;
  }
  view.problems.push_back(
      {.key = "probes:" + to_text(status.agent),
       .severity = AlertSeverity::error,
       .service = service_of(status),
       .source = to_text(status.agent),
       .text = {.cause = fmt::format("{} does not answer as it should", service_of(status)),
                .evidence = fmt::format("{}", fmt::join(lines, "\n")),
                .remedy = doctor(service_of(status)),
                .runbook = ""}});
}

// Those that have an alert of their own, with a limit in the settings.
bool has_own_rule(std::string_view check) {
  return check.starts_with("disk-") || check.starts_with("inodes-") || check.starts_with("queue") ||
         check.starts_with("certificate");
}

void add_warnings(AlertView& view, const ServiceStatus& status) {
  std::vector<std::string> lines;
  for (const HealthCheck& check : status.checks) {
    const bool warns = check.result == CheckResult::warning && !has_own_rule(check.name);
    if (warns && lines.size() < kMostLines) {
      lines.push_back(fmt::format("{}: {}", check.name, check.reason));
    }
  }
  if (lines.empty()) {
    return;
  }
  view.problems.push_back(
      {.key = "warnings:" + to_text(status.agent),
       .severity = AlertSeverity::warning,
       .service = service_of(status),
       .source = to_text(status.agent),
       .text = {.cause = fmt::format("{} warns: {}", service_of(status), lines.front()),
                .evidence = fmt::format("{}", fmt::join(lines, "\n")),
                .remedy = doctor(service_of(status)),
                .runbook = ""}});
}

void add_start(AlertView& view, const ServiceStatus& status) {
  view.problems.push_back(
      {.key = "starting:" + to_text(status.agent),
       .severity = AlertSeverity::warning,
       .service = service_of(status),
       .source = to_text(status.agent),
       .text = {.cause = fmt::format("{} does not finish its start", service_of(status)),
                .evidence = fmt::format("stage {}: {}", status.stage, status.message),
                .remedy = doctor(service_of(status)),
                .runbook = ""}});
}

void add_set_aside(AlertView& view, const ServiceStatus& status) {
  std::vector<std::string> lines;
  for (const SetAsideRow& row : status.set_aside) {
    if (lines.size() < kMostLines) {
      lines.push_back(fmt::format("{} of revision {}: {}", row.daemon, row.revision, row.message));
    }
  }
  view.problems.push_back(
      {.key = "set-aside:" + to_text(status.agent),
       .severity = AlertSeverity::warning,
       .service = service_of(status),
       .source = to_text(status.agent),
       .text = {.cause = fmt::format("{} did not take {} rows", service_of(status),
                                     status.set_aside_count),
                .evidence = fmt::format("{}", fmt::join(lines, "\n")),
                .remedy = "`podplay system status` lists the rows; change what the daemon says is "
                          "wrong with them",
                .runbook = ""}});
}

void add_restarts(AlertView& view, const ServiceStatus& status, const PodLook& look, int limit) {
  for (const DaemonStatus& daemon : status.daemons) {
    const auto found = look.restarts.find(to_text(status.agent) + ":" + daemon.name);
    if (found == look.restarts.end() || found->second < limit) {
      continue;
    }
    view.problems.push_back(
        {.key = fmt::format("restarts:{}:{}", to_text(status.agent), daemon.name),
         .severity = AlertSeverity::warning,
         .service = service_of(status),
         .source = to_text(status.agent),
         .text = {.cause = fmt::format("{} ends again and again", daemon.name),
                  .evidence =
                      fmt::format("{} times within an hour\n{}", found->second, daemon.last_words),
                  .remedy = doctor(service_of(status)),
                  .runbook = ""},
         .hold = hours{1}});
  }
}

void add_volumes(AlertView& view, const std::string& agent, const std::string& service,
                 const std::string& metrics, double limit) {
  struct Share {
    std::string_view metric;
    std::string_view what;
  };
  constexpr std::array kShares = std::to_array<Share>(
      {{"podplay_volume_used_ratio", "space"}, {"podplay_volume_inodes_used_ratio", "inodes"}});
  for (const char* volume : {"state", "logs", "user-data"}) {
    // All services have the logs; the control plane tells of them.
    if (std::string_view(volume) == "logs" && agent != kControlSource) {
      continue;
    }
    for (const Share& share : kShares) {
      const auto used = largest_metric(metrics, share.metric, {{"volume", volume}});
      if (!used.found || used.value < limit) {
        continue;
      }
      constexpr double kPercent = 100;
      constexpr double kNearlyAll = 0.97;
      view.problems.push_back(
          {.key = fmt::format("volume:{}:{}:{}", agent, volume, share.what),
           .severity = used.value >= kNearlyAll ? AlertSeverity::error : AlertSeverity::warning,
           .service = service,
           .source = agent,
           .text = {.cause = fmt::format("the volume {} of {} is nearly out of {}", volume, service,
                                         share.what),
                    .evidence = fmt::format("{:.1f} % in use", used.value * kPercent),
                    .remedy = "free space on the host, or give the volume more of it; "
                              "PODPLAY_ALERT_DISK is the limit",
                    .runbook = ""}});
    }
  }
}

void add_queue(AlertView& view, const std::string& agent, const std::string& metrics,
               const AlertLimits& limits) {
  double messages = 0;
  for (const char* queue : {"maildrop", "incoming", "active", "deferred"}) {
    messages += largest_metric(metrics, "podplay_postfix_queue_messages", {{"queue", queue}}).value;
  }
  const double age = largest_metric(metrics, "podplay_postfix_queue_oldest_seconds").value;
  if (messages >= limits.queue) {
    view.problems.push_back({.key = "queue-length:" + agent,
                             .severity = AlertSeverity::warning,
                             .service = "mail",
                             .source = agent,
                             .text = {.cause = "many messages wait in the mail queue",
                                      .evidence = fmt::format("{:.0f} messages", messages),
                                      .remedy = "`podplay mail queue list` shows why they wait",
                                      .runbook = ""}});
  }
  if (age >= limits.queue_age) {
    constexpr double kHour = 3600;
    view.problems.push_back(
        {.key = "queue-age:" + agent,
         .severity = AlertSeverity::warning,
         .service = "mail",
         .source = agent,
         .text = {.cause = "a message has waited long in the mail queue",
                  .evidence = fmt::format("the oldest one for {:.1f} hours", age / kHour),
                  .remedy = "`podplay mail queue list` shows why it waits",
                  .runbook = ""}});
  }
}

void add_certificates(AlertView& view, const std::vector<CertificateOverview>& certificates) {
  for (const CertificateOverview& one : certificates) {
    if (one.alert != CertificateAlert::warning && one.alert != CertificateAlert::error) {
      continue;
    }
    const bool error = one.alert == CertificateAlert::error;
    view.problems.push_back(
        {.key = "certificate:" + one.certificate.name,
         .severity = error ? AlertSeverity::error : AlertSeverity::warning,
         .service = "control",
         .source = kControlSource,
         .text = {
             .cause =
                 fmt::format("the certificate of {} is not renewed in time", one.certificate.name),
             .evidence = fmt::format("it ends on {}\n{}", to_rfc3339(one.certificate.not_after),
                                     one.certificate.last_error),
             .remedy = one.next_step,
             .runbook = "docs/certificates.md"}});
  }
}

// What an agent cannot see of its own service, such as that an outsider may relay mail.
void add_control_checks(AlertView& view, const std::vector<ServiceCheck>& checks) {
  for (const ServiceCheck& one : checks) {
    if (one.check.result == CheckResult::ok || has_own_rule(one.check.name)) {
      continue;
    }
    const bool failed = one.check.result == CheckResult::failed;
    view.problems.push_back({.key = fmt::format("check:{}:{}", one.service, one.check.name),
                             .severity = failed ? AlertSeverity::error : AlertSeverity::warning,
                             .service = one.service,
                             .source = kControlSource,
                             .text = {.cause = fmt::format("the check {} of {} {}", one.check.name,
                                                           one.service, failed ? "fails" : "warns"),
                                      .evidence = one.check.reason,
                                      .remedy = "`podplay doctor` names the cause",
                                      .runbook = ""}});
  }
}

std::string source_of(const FoundCause& cause) {
  if (!parse_service(cause.service)) {
    return std::string(kControlSource);
  }
  return fmt::format("{}@{}", cause.service, cause.host.empty() ? kFirstHost : cause.host);
}

AlertInput input_of(const FoundCause& cause) {
  std::vector<std::string> lines(cause.shown.begin(), cause.shown.end());
  for (const std::string& follows : cause.follows) {
    lines.push_back("it follows: " + follows);
  }
  return {.key = fmt::format("cause:{}:{}@{}:{}", cause.cause, cause.service, cause.host,
                             cause.subject),
          .severity = cause.severity == CauseSeverity::broken ? AlertSeverity::error
                                                              : AlertSeverity::warning,
          .service = cause.service == "api" || cause.service == "host" ? "control" : cause.service,
          .source = source_of(cause),
          .text = {.cause = cause.title,
                   .evidence = fmt::format("{}", fmt::join(lines, "\n")),
                   .remedy = cause.remedy,
                   .runbook = cause.runbook}};
}

}  // namespace

AlertLimits alert_limits(const Settings& settings) {
  constexpr double kPercent = 100;
  constexpr double kMinute = 60;
  return {.volume = static_cast<double>(settings.integer("PODPLAY_ALERT_DISK")) / kPercent,
          .queue = static_cast<double>(settings.integer("PODPLAY_ALERT_QUEUE")),
          .queue_age = static_cast<double>(settings.integer("PODPLAY_ALERT_QUEUE_AGE")) * kMinute,
          .restarts = static_cast<int>(settings.integer("PODPLAY_ALERT_RESTARTS"))};
}

AlertView find_symptoms(const PodLook& look, const AlertLimits& limits) {
  AlertView view;
  view.seen.insert(kControlSource);
  for (const ServiceStatus& status : look.services) {
    const std::string agent = to_text(status.agent);
    if (status.state == "away") {
      add_away(view, status);
      continue;
    }
    // Before its first report, nothing is known of it.
    if (status.seen == 0) {
      continue;
    }
    if (!look.silent.contains(agent)) {
      view.seen.insert(agent);
    }
    if (status.state == "starting") {
      add_start(view, status);
    }
    add_daemons(view, status);
    if (status.state != "starting") {
      add_probes(view, status);
      add_warnings(view, status);
    }
    if (status.set_aside_count > 0) {
      add_set_aside(view, status);
    }
    add_restarts(view, status, look, limits.restarts);
    const auto metrics = look.metrics.find(agent);
    if (metrics == look.metrics.end()) {
      view.unmeasured.insert(agent);
      continue;
    }
    add_volumes(view, agent, service_of(status), metrics->second, limits.volume);
    if (status.agent.service == ServiceName::mail) {
      add_queue(view, agent, metrics->second, limits);
    }
  }
  add_certificates(view, look.certificates);
  add_control_checks(view, look.checks);
  if (const auto own = look.metrics.find(kControlSource); own != look.metrics.end()) {
    add_volumes(view, kControlSource, "control", own->second, limits.volume);
  }
  return view;
}

void add_causes(AlertView& view, const std::vector<FoundCause>& causes,
                const std::set<std::string>& told) {
  view.diagnosed = true;
  std::set<std::string> explained;
  for (const FoundCause& cause : causes) {
    if (cause.severity == CauseSeverity::broken) {
      explained.insert(cause.service);
    }
  }
  std::erase_if(view.problems, [&](const AlertInput& input) {
    return explained.contains(input.service) && !told.contains(input.key);
  });
  for (const FoundCause& cause : causes) {
    view.problems.push_back(input_of(cause));
  }
}

}  // namespace podplay::control
