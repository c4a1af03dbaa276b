// Who holds a port of this host, from /proc: so that `podplay up` can name the process before it
// starts anything.
#pragma once

#include <string>
#include <vector>

#include "pod/manifest.hpp"

namespace podplay::pod {

struct BusyPort {
  PublishedPort wanted;
  // where it is bound
  std::string address;
  // 0: not ours to see
  int pid = 0;
  // its command line, shortened
  std::string process;
  // the container, when it is podman that holds it for one
  std::string podman_name;
};

// Those of `wanted` that somebody listens on. `host_root` is "/" or a test's folder.
std::vector<BusyPort> busy_ports(const std::string& host_root,
                                 const std::vector<PublishedPort>& wanted);

// "port 8080 (PODPLAY_HOST_HTTP_PORT) is in use by nginx (process 123, listening on 0.0.0.0)"
std::string describe(const BusyPort& busy);

}  // namespace podplay::pod
