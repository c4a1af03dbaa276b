// Who holds a port of this host, read from /proc, so that `podplay up` can name the process before
// it starts anything.
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
  // 0: the process of another user, which we may not see.
  int pid = 0;
  // Its command line, shortened.
  std::string process;
  // The container, when podman holds the port for one.
  std::string podman_name;
};

// Those of `wanted` that somebody listens on. `host_root` is "/" or a test's folder.
std::vector<BusyPort> busy_ports(const std::string& host_root,
                                 const std::vector<PublishedPort>& wanted);

// "port 8080 (PODPLAY_HOST_HTTP_PORT) is in use by nginx (process 123, listening on 0.0.0.0)"
std::string describe(const BusyPort& busy);

// An Error `conflict` that names every port of `manifest` that is set twice or that somebody else
// listens on. `held` are the ports of our own pod, which is about to be replaced; true is UDP.
Status check_ports(const std::string& host_root, const Manifest& manifest,
                   const std::set<std::pair<int, bool>>& held = {});

}  // namespace podplay::pod
