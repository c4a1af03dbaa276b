// What this host is, and what podman needs on it (`podplay doctor` tells the cases in plain words).
// Found out, never configured.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {

// podplay-oci-runtime --podplay-reap COMMAND...
inline constexpr const char* kReapOption = "--podplay-reap";
inline constexpr const char* kRealRuntimeLink = "real-oci-runtime";

enum class Cgroups { none, v1, hybrid, v2 };

struct HostFacts {
  bool rootless = false;
  std::string user;
  Cgroups cgroups = Cgroups::none;
  // CAP_SYS_RESOURCE, which raising resource limits needs
  bool sys_resource = true;
  // of process 1
  std::string init_name;
  // empty: not installed
  std::string podman_version;
  // path, empty: not installed
  std::string crun;
  std::string runc;
  // netavark or CNI found
  bool network_stack = true;
  // rootless: /etc/subuid and /etc/subgid have a line for us
  bool subuids = true;
  // rootless: /dev/net/tun can be opened
  bool tun = true;
  // rootless: newuidmap is installed
  bool uidmap = true;
  // rootless: what this podman makes networks with is installed (podman 5: pasta, before:
  // slirp4netns)
  bool pasta = true;
  // rootless: our processes stay when we log out
  bool linger = true;
  // rootless: net.ipv4.ip_unprivileged_port_start
  int first_free_port = 0;
  // where our own containers.conf lives when one is needed
  std::string run_folder;
};

HostFacts inspect_host(const Lifecycle& lifecycle);

struct Finding {
  // the pod cannot run before this is mended
  bool fatal = false;
  // what this host is
  std::string fact;
  // what `podplay up` does about it, or what you do
  std::string action;
};
std::vector<Finding> find_needs(const HostFacts& facts);
// The ports that this user may not publish; a pod that runs can be stopped all the same.
std::vector<Finding> find_port_needs(const HostFacts& facts, const Settings& settings);

// An Error `unavailable` with every fatal finding.
Status stop_at(const std::vector<Finding>& findings);

// How podman is called here.
struct PodmanPlan {
  std::vector<std::string> prefix{"podman"};
  std::map<std::string, std::string> environment{};
  // a path when podman's own choice does not work here
  std::string runtime{};
  bool strip_limits = false;
  bool reap = false;
};
PodmanPlan plan_podman(const HostFacts& facts);
// Writes what the plan needs below facts.run_folder; nothing on an ordinary host.
Status prepare_podman(const Lifecycle& lifecycle, const HostFacts& facts, const PodmanPlan& plan);

}  // namespace podplay::pod
