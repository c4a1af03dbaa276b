// The tree of processes. Their use of the processor is measured over a third of a second, as top
// does at its first screen.
#include <algorithm>
#include <functional>
#include <map>
#include <thread>

#include "base/process_table.hpp"
#include "logs/redaction.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

using namespace std::chrono;

constexpr milliseconds kMeasured{300};

LookJson process_row(const ProcessFacts& process, int depth, std::uint64_t permille,
                     const std::string& root) {
  const std::string command = read_command_line(process.pid, root);
  return {{"pid", process.pid},
          {"parent", process.parent},
          {"depth", depth},
          {"user", process.user},
          {"state", std::string(1, process.state)},
          // Of one core.
          {"cpu_permille", static_cast<int>(permille)},
          {"cpu_ms", process.cpu_ms},
          {"memory", process.rss_bytes},
          {"files", process.fds},
          {"age_ms", process.age_ms},
          {"name", process.name},
          {"command", command.empty() ? "[" + process.name + "]" : logs::redact(command)}};
}

}  // namespace

LookJson look_at_processes(const LookPlace& place, const LookQuestion&) {
  std::map<pid_t, std::uint64_t> before;
  for (const ProcessFacts& process : read_processes(place.root)) {
    before[process.pid] = process.cpu_ms;
  }
  const auto began = steady_clock::now();
  std::this_thread::sleep_for(kMeasured);
  const std::vector<ProcessFacts> processes = read_processes(place.root);
  const auto span = duration_cast<milliseconds>(steady_clock::now() - began).count();

  LookJson rows = LookJson::array();
  const auto add = [&](const ProcessFacts& process, int depth) {
    const auto earlier = before.find(process.pid);
    const std::uint64_t used =
        earlier == before.end() ? 0 : process.cpu_ms - std::min(process.cpu_ms, earlier->second);
    const auto milliseconds_passed = static_cast<std::uint64_t>(std::max<std::int64_t>(1, span));
    rows.push_back(process_row(process, depth, 1000 * used / milliseconds_passed, place.root));
  };
  // Each process stands below its parent. One whose parent is of another container stands alone.
  const std::function<void(pid_t, int)> add_children = [&](pid_t parent, int depth) {
    for (const ProcessFacts& process : processes) {
      if (process.parent == parent && process.pid != parent) {
        add(process, depth);
        add_children(process.pid, depth + 1);
      }
    }
  };
  for (const ProcessFacts& process : processes) {
    if (std::ranges::find(processes, process.parent, &ProcessFacts::pid) == processes.end()) {
      add(process, 0);
      add_children(process.pid, 1);
    }
  }
  LookJson seen{{"processes", std::move(rows)}};
  add_memory(seen, place);
  return seen;
}

}  // namespace podplay::looks
