// How podman is called on this host, and the files that this needs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "pod/host.hpp"

namespace podplay::pod {

struct PodmanPlan {
  // The words before podman's arguments.
  std::vector<std::string> prefix{"podman"};
  std::map<std::string, std::string> environment{};
  // The path of the OCI runtime; empty when podman's own choice works here.
  std::string runtime{};
  // True when the runtime is called through the wrapper, which removes limits that cannot be set.
  bool strip_limits = false;
  // True when podman runs below the reaper.
  bool reap = false;
  // The storage.conf to write unless there is one; empty when podman's own storage is right.
  std::string storage_conf{};
};
PodmanPlan plan_podman(const HostFacts& facts);

// Writes the files that the plan needs; none on an ordinary host. `program` is the path of this
// program.
Status prepare_podman(Files& files, const std::string& program, const HostFacts& facts,
                      const PodmanPlan& plan);

}  // namespace podplay::pod
