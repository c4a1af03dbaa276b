// A service is as its agent says, unless the control plane found something that the agent cannot
// see, such as mail that an outsider may relay.
#include "control/watch/status.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::control {
namespace {

bool is_failed(const HealthCheck& check) { return check.result == CheckResult::failed; }

// Why the service is not ready, in the words of whoever saw it.
std::vector<std::string> reasons_of(const ServiceStatus& status) {
  std::vector<std::string> reasons;
  for (const DaemonStatus& daemon : status.daemons) {
    const bool checked = std::ranges::any_of(status.checks, [&](const HealthCheck& check) {
      return is_failed(check) && check.name == "daemon-" + daemon.name;
    });
    if (daemon.state != "ready" && !checked) {
      reasons.push_back(fmt::format("{} is {}", daemon.name, daemon.state));
    }
  }
  for (const ProbeStatus& probe : status.probes) {
    if (!probe.ok) {
      reasons.push_back(fmt::format("{}: {}", probe.name, probe.message));
    }
  }
  for (const HealthCheck& check : status.checks) {
    if (is_failed(check)) {
      reasons.push_back(fmt::format("{}: {}", check.name, check.reason));
    }
  }
  return reasons;
}

void judge(ServiceStatus& status, const std::vector<ServiceCheck>& checks) {
  if (status.state == "away") {
    status.health = "down";
    status.reasons = {status.message};
    return;
  }
  if (status.state != "ready" && status.state != "degraded") {
    status.health = "starting";
    status.reasons = {status.stage.empty() ? status.message : status.stage + ": " + status.message};
    return;
  }
  status.reasons = reasons_of(status);
  const bool none_runs = !status.daemons.empty() &&
                         std::ranges::all_of(status.daemons, [](const DaemonStatus& daemon) {
                           return daemon.pid == 0;
                         });
  for (const ServiceCheck& one : checks) {
    if (one.service != to_text(status.agent.service) || !is_failed(one.check)) {
      continue;
    }
    status.reasons.push_back(fmt::format("{}: {}", one.check.name, one.check.reason));
    status.state = "degraded";
    if (status.message.empty()) {
      // Strangers may read this: not what they could do.
      status.message = "a check of the control plane failed; see: podplay system status";
    }
  }
  status.health = none_runs ? "down" : status.state;
}

}  // namespace

SystemStatus get_status(Context& context) {
  SystemStatus status{.services = context.hub.statuses()};
  status.control.checks = context.hub.checks();
  for (ServiceStatus& service : status.services) {
    judge(service, status.control.checks);
  }
  for (const ServiceCheck& one : status.control.checks) {
    if (one.service == "control" && is_failed(one.check)) {
      status.control.reasons.push_back(fmt::format("{}: {}", one.check.name, one.check.reason));
    }
  }
  status.control.health = status.control.reasons.empty() ? "ready" : "degraded";
  status.ready = status.control.reasons.empty() &&
                 std::ranges::all_of(status.services, [](const ServiceStatus& service) {
                   return service.state == "ready";
                 });
  return status;
}

}  // namespace podplay::control
