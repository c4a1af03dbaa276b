// All containers of the pod share one network, so ports of other containers are seen here, without
// their processes.
#include <algorithm>

#include "base/listeners.hpp"
#include "base/process_table.hpp"
#include "looks/descriptors.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {

LookJson look_at_sockets(const LookPlace& place, const LookQuestion&) {
  const auto processes = read_processes(place.root);
  const auto name_of = [&](pid_t pid) {
    const auto found = std::ranges::find(processes, pid, &ProcessFacts::pid);
    return found == processes.end() ? std::string() : found->name;
  };
  LookJson rows = LookJson::array();
  for (const ListeningSocket& socket : read_listeners(place.root)) {
    rows.push_back({{"protocol", socket.protocol},
                    {"address", socket.address},
                    {"port", socket.port},
                    {"pid", socket.pid},
                    {"process", name_of(socket.pid)},
                    {"uid", socket.uid},
                    {"waiting", socket.waiting}});
  }
  const OpenFiles open = read_open_files(place.root);
  const auto owners = socket_owners(open);
  LookJson paths = LookJson::array();
  for (const UnixSocket& socket : parse_unix_sockets(read_proc(place.root + "/proc/net/unix"))) {
    const auto owner = owners.find(socket.inode);
    const pid_t pid = owner == owners.end() ? 0 : owner->second;
    paths.push_back({{"path", socket.path},
                     {"kind", std::string(socket.kind)},
                     {"pid", pid},
                     {"process", name_of(pid)}});
  }
  LookJson seen{{"ports", std::move(rows)}, {"paths", std::move(paths)}};
  seen["note"] = open.closed.empty()
                     ? "a socket without a process belongs to another container of the pod"
                     : "a socket without a process belongs to another container of the pod, or to "
                       "a process of another user, whose files may not be read";
  return seen;
}

}  // namespace podplay::looks
