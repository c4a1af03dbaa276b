// A look that fails is said in the log and repeated at the next turn.
#include "control/watch/alerts/watch.hpp"

#include <algorithm>

#include "control/watch/alerts/weigh.hpp"
#include "control/watch/metrics/metrics.hpp"
#include "control/watch/status.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr auto kHour = hours{1};
// Without a symptom, the diagnosis is asked this often.
constexpr auto kRoutine = minutes{10};
constexpr std::int64_t kMostCertificates = 20;

}  // namespace

std::map<std::string, int> RestartCounter::take(const std::vector<ServiceStatus>& services,
                                                SteadyTime now) {
  std::map<std::string, int> counts;
  for (const ServiceStatus& service : services) {
    for (const DaemonStatus& status : service.daemons) {
      const std::string name = to_text(service.agent) + ":" + status.name;
      const auto [found, first] = daemons_.try_emplace(name);
      Daemon& daemon = found->second;
      // An agent that was started again counts from the beginning.
      const int more =
          first || status.restarts < daemon.starts ? 0 : status.restarts - daemon.starts;
      daemon.starts = status.restarts;
      constexpr int kMostAtOnce = 100;
      daemon.ended.insert(daemon.ended.end(), std::min(more, kMostAtOnce), now);
      std::erase_if(daemon.ended, [&](SteadyTime at) { return now - at > kHour; });
      counts[name] = static_cast<int>(daemon.ended.size());
    }
  }
  return counts;
}

void AlertWatch::start() {
  thread_ = std::thread([this] { run(); });
}

void AlertWatch::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void AlertWatch::run() {
  const seconds interval(context_.settings.integer("PODPLAY_ALERT_INTERVAL"));
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, interval, [this] { return stopping_; })) {
        return;
      }
    }
    Status looked;
    try {
      looked = look();
    } catch (const std::exception& error) {
      looked = fail(ErrorKind::internal, "defect", error.what());
    }
    if (!looked) {
      context_.log.with_component("api.alerts")
          .error("alerts could not be looked for", {{"why", describe(looked.error())}});
    }
  }
}

Result<AlertWatch::Standing> AlertWatch::read_standing() {
  return context_.store.read<Standing>([](store::Session& session) {
    Standing standing;
    for (const Alert& alert : store::list_standing_alerts(session)) {
      standing.has_causes = standing.has_causes || alert.key.starts_with("cause:");
      if (alert.state == AlertState::open) {
        standing.told.insert(alert.key);
      }
    }
    return standing;
  });
}

Status AlertWatch::look() {
  if (is_active_ && !is_active_()) {
    return {};
  }
  PodLook look;
  SystemStatus status = get_status(context_);
  look.services = std::move(status.services);
  look.checks = std::move(status.control.checks);
  look.metrics = agent_metrics(context_);
  for (const ServiceName service : kServices) {
    for (const AgentName& agent : context_.hub.agents(service)) {
      if (!look.metrics.contains(to_text(agent))) {
        look.silent.insert(to_text(agent));
      }
    }
  }
  look.metrics[kControlSource] = control_metrics(context_);
  TRY(look.certificates, list_troubled_certificates(context_, kMostCertificates));
  const SteadyTime now = context_.clock.steady();
  look.restarts = restarts_.take(look.services, now);
  AlertView view = find_symptoms(look, alert_limits(context_.settings));
  TRY(const auto standing, read_standing());
  const bool due = !diagnosed_ || now - *diagnosed_ >= kRoutine;
  if (diagnose_ && (due || standing.has_causes || !view.problems.empty())) {
    diagnosed_ = now;
    if (const auto diagnosis = diagnose_(context_)) {
      add_causes(view, diagnosis->findings, standing.told);
    }
  }
  return weigh_alerts(context_, view);
}

}  // namespace podplay::control
