// The processes of the container that are in a state that explains something: stopped, without file
// descriptors, or a daemon's own. A mail server has hundreds, so the others are only counted.
#include <algorithm>
#include <map>

#include "agent/evidence/sections.hpp"
#include "base/process_table.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kMost = 40;
// A process that has this share of its file descriptors open is about to fail.
constexpr double kNearlyAll = 0.95;

bool is_stopped(const ProcessFacts& process) {
  return process.state == 'T' || process.state == 't';
}

bool lacks_descriptors(const ProcessFacts& process) {
  return process.fd_limit > 0 && process.fds >= 0 &&
         static_cast<double>(process.fds) >= kNearlyAll * static_cast<double>(process.fd_limit);
}

}  // namespace

nlohmann::json collect_processes(const EvidenceTools& tools) {
  // By pid: the daemon that the process belongs to.
  std::map<pid_t, std::string> daemons;
  for (const auto& daemon : tools.board.processes()) {
    if (daemon.pid != 0) {
      daemons[daemon.pid] = daemon.name;
    }
  }
  const std::vector<ProcessFacts> all = read_processes();
  // A child has mostly a larger pid than its parent; when pids have started again from 1, a second
  // walk finds the rest.
  for (int walk = 0; walk < 2; ++walk) {
    for (const ProcessFacts& process : all) {
      if (const auto parent = daemons.find(process.parent);
          parent != daemons.end() && process.parent != 1) {
        daemons.try_emplace(process.pid, parent->second);
      }
    }
  }
  nlohmann::json shown = nlohmann::json::array();
  const auto mains = tools.board.processes();
  for (const ProcessFacts& process : all) {
    const bool main = std::ranges::any_of(
        mains, [&](const supervise::ProcessStatus& daemon) { return daemon.pid == process.pid; });
    const auto owner = daemons.find(process.pid);
    if (shown.size() >= kMost ||
        (!main && process.pid != 1 && !is_stopped(process) && !lacks_descriptors(process))) {
      continue;
    }
    shown.push_back({{"pid", process.pid},
                     {"name", process.name},
                     {"daemon", owner == daemons.end() ? std::string() : owner->second},
                     {"state", std::string(1, process.state)},
                     {"user", process.user},
                     {"rss_bytes", process.rss_bytes},
                     {"age_ms", process.age_ms},
                     {"fds", process.fds},
                     {"fd_limit", process.fd_limit}});
  }
  return {{"count", all.size()}, {"list", std::move(shown)}};
}

}  // namespace podplay::agent
