// What this host is, as far as podman and the pod care. Found out, never configured.
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
  // This process has CAP_SYS_RESOURCE, which raising resource limits needs.
  bool sys_resource = true;
  // The name of process 1.
  std::string init_name;
  // Empty: podman is not installed.
  std::string podman_version;
  // Paths; empty: not installed.
  std::string crun;
  std::string runc;
  // netavark or CNI plugins are installed.
  bool network_stack = true;
  // Where our own containers.conf is written when one is needed.
  std::string run_folder;

  // The rest is only found out for an ordinary user (rootless).

  // /etc/subuid and /etc/subgid have a range for the user.
  bool subuids = true;
  // /dev/net/tun can be opened.
  bool tun = true;
  // newuidmap is installed.
  bool uidmap = true;
  // The program that this podman makes networks with is installed: pasta for podman 5,
  // slirp4netns before.
  bool rootless_network = true;
  // The user's processes stay when the last login ends.
  bool linger = true;
  // net.ipv4.ip_unprivileged_port_start.
  int first_free_port = 0;
  StorageFacts storage;
};

HostFacts inspect_host(const Lifecycle& lifecycle);

// Version 1 or hybrid: crun refuses them, and nobody may delegate them to an ordinary user.
bool has_old_cgroups(const HostFacts& facts);
// Process 1 is not known to collect finished processes at once, so that podman would believe for
// many seconds that they still run.
bool needs_reaper(const HostFacts& facts);

// A file without its trailing blanks and newlines; empty when it cannot be read.
std::string read_text(const std::string& path);
// The path of an installed program below `root`; empty when there is none.
std::string find_program(const std::string& root, std::string_view name);

}  // namespace podplay::pod
