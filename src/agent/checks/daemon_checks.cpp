// Whether the release is applied and the daemons run. A process may run and still do nothing: it
// was stopped by a signal, or it waits for a disk that does not answer.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "agent/checks/checks.hpp"
#include "base/process_table.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;

// A process may wait for the disk (state D) for so long.
constexpr seconds kLongestWaitForDisk{30};
constexpr std::int64_t kManyFiles = 80;
constexpr std::int64_t kMostFiles = 97;

// Since when processes wait for the disk.
using Waiting = std::map<pid_t, SteadyTime>;

HealthCheck check_daemon(const supervise::ProcessStatus& daemon) {
  HealthCheck check{.name = "daemon-" + daemon.name,
                    .reason = fmt::format("{} is {}", daemon.name, daemon.state),
                    .facts = {{"pid", daemon.pid}, {"restarts", daemon.restarts}}};
  if (daemon.state == "ready") {
    return check;
  }
  if (daemon.state != "backoff" && daemon.state != "stopped") {
    check.result = CheckResult::warning;
    return check;
  }
  check.result = CheckResult::failed;
  if (!daemon.last_exit.empty()) {
    check.reason = fmt::format("{} ended: {}; it is started again", daemon.name, daemon.last_exit);
  }
  return check;
}

// The daemon whose process, or the process of whose child, this is; empty: none.
std::string owner_of(const ProcessFacts& process, const std::vector<ProcessFacts>& all,
                     const std::vector<supervise::ProcessStatus>& daemons) {
  pid_t pid = process.pid;
  for (int steps = 0; steps < 8 && pid > 1; ++steps) {
    const auto daemon = std::ranges::find(daemons, pid, &supervise::ProcessStatus::pid);
    if (daemon != daemons.end()) {
      return daemon->name;
    }
    const auto found = std::ranges::find(all, pid, &ProcessFacts::pid);
    if (found == all.end()) {
      return {};
    }
    pid = found->parent;
  }
  return {};
}

HealthCheck check_processes(const std::vector<ProcessFacts>& all,
                            const std::vector<supervise::ProcessStatus>& daemons, Waiting& waiting,
                            SteadyTime now) {
  HealthCheck check{.name = "processes", .reason = fmt::format("{} processes run", all.size())};
  Waiting still;
  for (const ProcessFacts& process : all) {
    const std::string owner = owner_of(process, all, daemons);
    if (owner.empty()) {
      continue;
    }
    if (process.state == 'T' || process.state == 't') {
      check.result = CheckResult::failed;
      check.reason = fmt::format(
          "process {} ({} of {}) was stopped by a signal: kill -CONT {} lets "
          "it go on",
          process.pid, process.name, owner, process.pid);
      check.facts = {{"pid", process.pid}};
      return check;
    }
    if (process.state != 'D') {
      continue;
    }
    const auto since = waiting.find(process.pid);
    still[process.pid] = since == waiting.end() ? now : since->second;
    if (now - still[process.pid] >= kLongestWaitForDisk) {
      check.result = CheckResult::failed;
      check.reason = fmt::format("process {} ({} of {}) has waited for the disk for {} s",
                                 process.pid, process.name, owner,
                                 duration_cast<seconds>(now - still[process.pid]).count());
      check.facts = {{"pid", process.pid}};
    }
  }
  waiting = std::move(still);
  return check;
}

HealthCheck check_descriptors(const std::vector<ProcessFacts>& all) {
  HealthCheck check{.name = "descriptors", .reason = "file descriptors are left"};
  std::int64_t worst = -1;
  for (const ProcessFacts& process : all) {
    if (process.fds < 0 || process.fd_limit <= 0) {
      continue;
    }
    const std::int64_t percent = process.fds * 100 / process.fd_limit;
    if (percent <= worst) {
      continue;
    }
    worst = percent;
    check.facts = {{"open", process.fds, process.fd_limit}};
    check.reason = fmt::format("process {} ({}) has {} of {} file descriptors open", process.pid,
                               process.name, process.fds, process.fd_limit);
  }
  if (worst >= kManyFiles) {
    check.result = worst >= kMostFiles ? CheckResult::failed : CheckResult::warning;
  }
  return check;
}

}  // namespace

CheckQuestion ask_release() {
  return {.name = "release", .interval = seconds{5}, .ask = [](const CheckTools& tools) {
            HealthCheck check{.name = "release"};
            const Revision revision = tools.board.revision();
            check.facts = {{"revision", static_cast<std::int64_t>(revision)}};
            check.reason = fmt::format("revision {} is applied and proven", revision);
            if (!tools.board.proven()) {
              check.result = CheckResult::warning;
              check.reason = "no release is applied and proven yet";
            }
            return std::vector{check};
          }};
}

CheckQuestion ask_daemons() {
  const auto waiting = std::make_shared<Waiting>();
  return {.name = "daemons", .interval = seconds{10}, .ask = [waiting](const CheckTools& tools) {
            std::vector<HealthCheck> checks;
            const auto daemons = tools.board.processes();
            for (const supervise::ProcessStatus& daemon : daemons) {
              checks.push_back(check_daemon(daemon));
            }
            const auto all = read_processes();
            checks.push_back(check_processes(all, daemons, *waiting, tools.clock.steady()));
            checks.push_back(check_descriptors(all));
            return checks;
          }};
}

}  // namespace podplay::agent
