// How many files each process has open, and the names of those that are files.
#include <algorithm>
#include <map>

#include "base/process_table.hpp"
#include "looks/descriptors.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

constexpr std::size_t kMostNames = 500;

}  // namespace

LookJson look_at_files(const LookPlace& place, const LookQuestion&) {
  const OpenFiles open = read_open_files(place.root);
  const auto processes = read_processes(place.root);
  struct Kinds {
    int files = 0, sockets = 0, pipes = 0, others = 0;
  };
  std::map<pid_t, Kinds> counts;
  LookJson names = LookJson::array();
  std::size_t left_out = 0;
  for (const OpenFile& file : open.files) {
    Kinds& kinds = counts[file.pid];
    if (socket_inode(file.target) != 0) {
      ++kinds.sockets;
    } else if (file.target.starts_with("pipe:")) {
      ++kinds.pipes;
    } else if (!file.target.starts_with('/')) {
      ++kinds.others;
    } else {
      ++kinds.files;
      if (names.size() < kMostNames) {
        const auto process = std::ranges::find(processes, file.pid, &ProcessFacts::pid);
        names.push_back({{"pid", file.pid},
                         {"process", process == processes.end() ? "" : process->name},
                         {"fd", file.fd},
                         {"path", file.target}});
      } else {
        ++left_out;
      }
    }
  }
  LookJson rows = LookJson::array();
  for (const ProcessFacts& process : processes) {
    const bool readable = !std::ranges::binary_search(open.closed, process.pid);
    const Kinds kinds = counts[process.pid];
    rows.push_back({{"pid", process.pid},
                    {"process", process.name},
                    {"user", process.user},
                    {"open", process.fds},
                    {"limit", process.fd_limit},
                    {"files", kinds.files},
                    {"sockets", kinds.sockets},
                    {"pipes", kinds.pipes},
                    {"others", kinds.others},
                    {"readable", readable}});
  }
  LookJson seen{{"processes", std::move(rows)}, {"names", std::move(names)}};
  if (left_out > 0) {
    seen["left_out"] = left_out;
  }
  if (!open.closed.empty()) {
    seen["note"] =
        "files of processes that are not readable belong to another user, whose files "
        "may not be read from here; `podplay debug` may";
  }
  return seen;
}

}  // namespace podplay::looks
