// Finds the process that holds a port of this host in /proc, so that `podplay up` can name it
// before it starts anything.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "pod/manifest.hpp"

namespace podplay::pod {

struct BusyPort {
  PublishedPort wanted;
  // The address it is bound to.
  std::string address;
  // 0 for the process of another user, which this user may not see.
  int pid = 0;
  // Its command line, shortened.
  std::string process;
  // The container, when podman holds the port for one.
  std::string podman_name;
};

// Those of `wanted` on which a process listens. `host_root` is "/" or a test's folder.
std::vector<BusyPort> busy_ports(const std::string& host_root,
                                 const std::vector<PublishedPort>& wanted);

// "port 8080 for http (PODPLAY_HOST_HTTP_PORT) is in use by `nginx` (process 123), which listens on
// 0.0.0.0".
std::string describe(const BusyPort& busy);

// Fails with `conflict` and names every port of `manifest` that is set twice or on which another
// process listens. `held` are the ports of the running pod, which is about to be replaced; true
// means UDP.
Status check_ports(const std::string& host_root, const Manifest& manifest,
                   const std::set<std::pair<int, bool>>& held = {});

}  // namespace podplay::pod
