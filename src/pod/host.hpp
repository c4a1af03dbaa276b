// The facts about this host that matter to podman and the pod. They are found out, never
// configured.
#pragma once

#include <string>
#include <string_view>

#include "pod/storage.hpp"

namespace podplay::pod {

struct Lifecycle;

enum class Cgroups { none, v1, hybrid, v2 };

struct HostFacts {
  bool rootless = false;
  std::string user;
  Cgroups cgroups = Cgroups::none;
  // Whether this process has CAP_SYS_RESOURCE, which is needed to raise resource limits.
  bool sys_resource = true;
  // The name of process 1.
  std::string init_name;
  // Empty when podman is not installed.
  std::string podman_version;
  // Paths; empty when they are not installed.
  std::string crun;
  std::string runc;
  // Whether netavark or CNI plugins are installed.
  bool network_stack = true;
  // Where our own containers.conf is written when one is needed.
  std::string run_folder;

  // The following facts are only found out for an ordinary user (rootless).

  // Whether /etc/subuid and /etc/subgid have a range for the user.
  bool subuids = true;
  // Whether /dev/net/tun can be opened.
  bool tun = true;
  // Whether newuidmap is installed.
  bool uidmap = true;
  // Whether the program with which this podman makes networks is installed: pasta for podman 5,
  // slirp4netns before.
  bool rootless_network = true;
  // Whether the user's processes stay when the last login ends.
  bool linger = true;
  // net.ipv4.ip_unprivileged_port_start.
  int first_free_port = 0;
  StorageFacts storage;
};

HostFacts inspect_host(const Lifecycle& lifecycle);

// Whether cgroups are version 1 or hybrid: crun refuses them, and they cannot be delegated to an
// ordinary user.
bool has_old_cgroups(const HostFacts& facts);
// Whether process 1 is not known to collect finished processes at once. podman would then believe
// for many seconds that they still run.
bool needs_reaper(const HostFacts& facts);

// A file without its trailing blanks and newlines; empty when it cannot be read.
std::string read_text(const std::string& path);
// The path of an installed program below `root`; empty when there is none.
std::string find_program(const std::string& root, std::string_view name);

}  // namespace podplay::pod
