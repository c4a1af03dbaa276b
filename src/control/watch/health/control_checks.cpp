// Each question is cheap; the store is looked at with a connection of its own, so that somebody who
// holds its lock is noticed.
#include "control/watch/health/control_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/listeners.hpp"
#include "base/memory_limit.hpp"
#include "base/volume_space.hpp"
#include "control/watch/health/exposure.hpp"
#include "store/jobs.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr int kLinkPort = 8601;
// Jobs are taken within seconds; so late nobody takes them.
constexpr minutes kLateJob{5};
constexpr std::int64_t kClockWarning = 2'000;
constexpr std::int64_t kClockFailure = 60'000;
constexpr seconds kLongLag{60};
constexpr seconds kLongestLag{600};

ServiceCheck own(HealthCheck check) { return {.service = "control", .check = std::move(check)}; }

std::vector<ServiceCheck> ask_store(Context& context) {
  const store::StoreHealth health = context.store.look();
  HealthCheck check{.name = "store",
                    .reason = "the store answers and can be written",
                    .facts = {{"took_ms", health.took.count()}}};
  if (!health.code.empty()) {
    check.result = CheckResult::failed;
    check.reason = fmt::format("the store cannot be written: {}{}{}", health.words,
                               health.holder.empty() ? "" : ", held by ", health.holder);
  }
  return {own(std::move(check))};
}

std::vector<ServiceCheck> ask_room(Context& context) {
  std::vector<ServiceCheck> checks;
  for (const std::string& path :
       {context.paths.state, context.paths.logs, context.paths.certificates}) {
    const auto space = read_volume_space(path);
    if (!space || space->total_bytes == 0) {
      continue;
    }
    HealthCheck check{.name = "disk-" + path.substr(path.rfind('/') + 1),
                      .reason = fmt::format("{} of {} MiB are free in {}", space->free_bytes >> 20,
                                            space->total_bytes >> 20, path),
                      .facts = {{"free_bytes", static_cast<std::int64_t>(space->free_bytes),
                                 static_cast<std::int64_t>(space->total_bytes / 100)}}};
    const bool no_inodes = space->total_files != 0 && space->free_files * 100 <= space->total_files;
    if (space->read_only || no_inodes || space->free_bytes * 100 <= space->total_bytes) {
      check.result = CheckResult::failed;
    } else if (space->free_bytes * 10 <= space->total_bytes) {
      check.result = CheckResult::warning;
    }
    if (space->read_only) {
      check.reason = path + " is read-only";
    } else if (no_inodes) {
      check.reason = fmt::format("{} inodes are free in {}", space->free_files, path);
    }
    checks.push_back(own(std::move(check)));
  }
  if (const auto memory = read_memory_limit(); memory && memory->limit_bytes != 0) {
    const std::uint64_t percent = memory->used_bytes * 100 / memory->limit_bytes;
    HealthCheck check{.name = "memory",
                      .reason = fmt::format("{} of {} MiB of memory are in use",
                                            memory->used_bytes >> 20, memory->limit_bytes >> 20),
                      .facts = {{"used_bytes", static_cast<std::int64_t>(memory->used_bytes),
                                 static_cast<std::int64_t>(memory->limit_bytes)}}};
    if (percent >= 90) {
      check.result = percent >= 99 ? CheckResult::failed : CheckResult::warning;
    }
    checks.push_back(own(std::move(check)));
  }
  return checks;
}

std::vector<ServiceCheck> ask_link(Context&) {
  HealthCheck check{.name = "link", .reason = "agents can reach the control plane"};
  const auto sockets = read_listeners();
  if (std::ranges::none_of(sockets, [](const ListeningSocket& socket) {
        return socket.protocol == "tcp" && socket.port == kLinkPort;
      })) {
    check.result = CheckResult::failed;
    check.reason = fmt::format("nobody listens on port {}, where agents ask for work", kLinkPort);
  }
  return {own(std::move(check))};
}

std::vector<ServiceCheck> ask_jobs(Context& context) {
  HealthCheck check{.name = "jobs", .reason = "jobs are run when they are due"};
  const auto next = context.store.read<std::optional<WallTime>>(
      [](store::Session& session) { return store::next_job_time(session); });
  if (!next) {
    check.result = CheckResult::warning;
    check.reason = describe(next.error());
  } else if (*next && **next + kLateJob < context.clock.now()) {
    check.result = CheckResult::failed;
    check.reason =
        fmt::format("no job was taken since {}: restart the container api", to_rfc3339(**next));
  }
  return {own(std::move(check))};
}

std::vector<ServiceCheck> ask_agents(Context& context) {
  std::vector<ServiceCheck> checks;
  for (const ServiceStatus& status : context.hub.statuses()) {
    if (status.sent == 0 || status.state == "away") {
      continue;
    }
    const std::int64_t apart = std::abs(status.clock_ahead);
    HealthCheck check{.name = "clock-" + to_text(status.agent),
                      .reason = fmt::format("the clock of {} is {} ms apart from ours",
                                            to_text(status.agent), apart),
                      .facts = {{"apart_ms", apart, kClockFailure}}};
    if (apart >= kClockWarning) {
      check.result = apart >= kClockFailure ? CheckResult::failed : CheckResult::warning;
    }
    checks.push_back(
        {.service = std::string(to_text(status.agent.service)), .check = std::move(check)});
  }
  return checks;
}

// Since when each agent has had something to settle.
using Behind = std::map<AgentName, std::pair<Revision, SteadyTime>>;

std::vector<ServiceCheck> ask_lag(Context& context, Behind& behind) {
  std::vector<ServiceCheck> checks;
  const SteadyTime now = context.clock.steady();
  for (const ServiceStatus& status : context.hub.statuses()) {
    const Revision newest = context.hub.newest(status.agent);
    const Revision settled = context.hub.settled(status.agent);
    HealthCheck check{
        .name = "lag-" + to_text(status.agent),
        .reason = fmt::format("{} has settled revision {}", to_text(status.agent), settled),
        .facts = {{"revisions_behind",
                   static_cast<std::int64_t>(newest > settled ? newest - settled : 0)}}};
    if (newest <= settled) {
      behind.erase(status.agent);
    } else {
      auto& [revision, since] = behind[status.agent];
      // One that goes on settling is slow, not stuck.
      if (revision != settled || since == SteadyTime{}) {
        revision = settled;
        since = now;
      }
      if (now - since >= kLongLag) {
        check.result = now - since >= kLongestLag ? CheckResult::failed : CheckResult::warning;
        check.reason =
            fmt::format("revision {} has waited {} s for {}", newest,
                        duration_cast<seconds>(now - since).count(), to_text(status.agent));
      }
    }
    checks.push_back(
        {.service = std::string(to_text(status.agent.service)), .check = std::move(check)});
  }
  return checks;
}

bool is_ready(const Context& context, const std::string& service) {
  for (const ServiceStatus& status : context.hub.statuses()) {
    if (to_text(status.agent.service) == service && status.state == "ready") {
      return true;
    }
  }
  return service == "control";
}

// What was seen open stays open until it was tried again. Ports of a service that is not ready are
// not tried: a daemon that hangs would hold up all other checks.
std::vector<ServiceCheck> ask_exposure(Context& context, const ExposureOptions& options,
                                       std::map<std::string, ServiceCheck>& before) {
  ExposureOptions ready = options;
  std::erase_if(ready.tls_ports, [&](const ExposedPort& port) {
    return !is_ready(context, std::string(port.service));
  });
  ready.mail = is_ready(context, "mail");
  ready.bind = is_ready(context, "bind");
  std::vector<ServiceCheck> checks = try_exposure(context, ready);
  std::map<std::string, ServiceCheck> after;
  for (ServiceCheck& one : checks) {
    const auto known = before.find(one.check.name);
    const bool untried = one.check.result == CheckResult::warning;
    if (untried && known != before.end() && known->second.check.result != CheckResult::warning) {
      one = known->second;
    }
    after[one.check.name] = one;
  }
  // Ports that were left out.
  for (auto& [name, one] : before) {
    if (!after.contains(name)) {
      checks.push_back(one);
      after[name] = one;
    }
  }
  before = std::move(after);
  return checks;
}

}  // namespace

std::vector<ControlQuestion> control_questions() {
  const auto behind = std::make_shared<Behind>();
  const ExposureOptions exposure{.address = outside_address()};
  const auto tried = std::make_shared<std::map<std::string, ServiceCheck>>();
  return {{.name = "exposure",
           .interval = hours{1},
           .ask = [exposure,
                   tried](Context& context) { return ask_exposure(context, exposure, *tried); }},
          {.name = "store", .interval = seconds{120}, .ask = ask_store},
          {.name = "room", .interval = seconds{30}, .ask = ask_room},
          {.name = "link", .interval = seconds{60}, .ask = ask_link},
          {.name = "jobs", .interval = seconds{60}, .ask = ask_jobs},
          {.name = "agents", .interval = seconds{30}, .ask = ask_agents},
          {.name = "lag", .interval = seconds{10}, .ask = [behind](Context& context) {
             return ask_lag(context, *behind);
           }}};
}

}  // namespace podplay::control
