// Collects the facts about the host. Nothing here changes anything, and podman is asked only for
// its version.
#include "pod/host.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/numbers.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {

namespace fs = std::filesystem;

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  std::string result = text.str();
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) {
    result.pop_back();
  }
  return result;
}

std::string find_program(const std::string& root, std::string_view name) {
  for (const auto* folder :
       {"usr/local/bin", "usr/local/sbin", "usr/bin", "usr/sbin", "bin", "sbin"}) {
    const fs::path path = fs::path(root) / folder / name;
    std::error_code error;
    if (fs::exists(path, error)) {
      return path;
    }
  }
  return {};
}

namespace {

// The exit code of a shell, or of our reaper, that finds no such program.
constexpr int kNoProgram = 127;

Cgroups find_cgroups(const std::string& root) {
  std::error_code error;
  const fs::path base = fs::path(root) / "sys/fs/cgroup";
  if (fs::exists(base / "cgroup.controllers", error)) {
    return Cgroups::v2;
  }
  if (fs::exists(base / "unified", error)) {
    return Cgroups::hybrid;
  }
  return fs::exists(base / "memory", error) ? Cgroups::v1 : Cgroups::none;
}

// CapEff of /proc/self/status, bit 24 (linux/capability.h).
bool has_sys_resource(const std::string& root) {
  std::ifstream status(fs::path(root) / "proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (!line.starts_with("CapEff:")) {
      continue;
    }
    const auto digits = std::string_view(line).substr(line.find_last_of(" \t") + 1);
    const auto capabilities = parse_number<std::uint64_t>(digits, 16).value_or(0);
    return ((capabilities >> 24U) & 1U) != 0;
  }
  return true;
}

bool has_line_for(const std::string& path, const std::string& user) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(user + ":") || line.starts_with(std::to_string(::geteuid()) + ":")) {
      return true;
    }
  }
  return false;
}

// The device is opened and not only looked for: it may be there without its kernel module, and
// cannot be opened then.
bool can_open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  ::close(fd);
  return true;
}

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string find_run_folder(bool rootless) {
  if (!rootless) {
    return "/run/podplay";
  }
  const std::string runtime = environment_value("XDG_RUNTIME_DIR");
  std::error_code error;
  if (!runtime.empty() && fs::is_directory(runtime, error)) {
    return runtime + "/podplay";
  }
  return environment_value("HOME") + "/.local/share/podplay/run";
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

void inspect_rootless(const Lifecycle& lifecycle, HostFacts& facts) {
  const fs::path root = lifecycle.host_root;
  facts.subuids = has_line_for(root / "etc/subuid", facts.user) &&
                  has_line_for(root / "etc/subgid", facts.user);
  facts.tun = can_open(root / "dev/net/tun");
  facts.uidmap = !find_program(root, "newuidmap").empty();
  // Without systemd, a user's processes stay when the last login ends.
  std::error_code error;
  facts.linger = facts.init_name != "systemd" ||
                 fs::exists(root / "var/lib/systemd/linger" / facts.user, error);
  const std::string start = read_text(root / "proc/sys/net/ipv4/ip_unprivileged_port_start");
  facts.first_free_port = parse_number<int>(start).value_or(1024);
  facts.storage = inspect_storage(lifecycle.host_root, lifecycle.folders);
}

}  // namespace

HostFacts inspect_host(const Lifecycle& lifecycle) {
  const std::string& root = lifecycle.host_root;
  HostFacts facts;
  facts.rootless = lifecycle.rootless;
  facts.user = user_name();
  facts.cgroups = find_cgroups(root);
  facts.sys_resource = has_sys_resource(root);
  facts.init_name = read_text(root + "/proc/1/comm");
  facts.crun = find_program(root, "crun");
  facts.runc = find_program(root, "runc");
  std::error_code error;
  facts.network_stack = fs::exists(fs::path(root) / "usr/lib/podman/netavark", error) ||
                        !find_program(root, "netavark").empty() ||
                        fs::exists(fs::path(root) / "usr/libexec/podman/netavark", error) ||
                        fs::exists(fs::path(root) / "usr/lib/cni", error);
  facts.run_folder = find_run_folder(facts.rootless);
  const auto version = lifecycle.runner.run({{"podman", "--version"}});
  if (version && version->exit_code == 0) {
    const std::string words = version->words();
    facts.podman_version = words.substr(words.find_last_of(' ') + 1);
  } else if (version ? version->exit_code != kNoProgram
                     : version.error().code == "command_timeout") {
    // It is there and fails or hangs. Why, it says itself when it is asked about the pod.
    facts.podman_version = "of unknown version";
  }
  if (facts.rootless) {
    inspect_rootless(lifecycle, facts);
    // 0 when podman does not say its version.
    const std::string& version_text = facts.podman_version;
    const int version_number =
        parse_number<int>(version_text.substr(0, version_text.find('.'))).value_or(0);
    const bool pasta = !find_program(root, "pasta").empty();
    const bool slirp = !find_program(root, "slirp4netns").empty();
    facts.rootless_network = version_number >= 5 ? pasta : slirp || (version_number == 0 && pasta);
  }
  return facts;
}

bool has_old_cgroups(const HostFacts& facts) {
  return facts.cgroups == Cgroups::hybrid || facts.cgroups == Cgroups::v1;
}

bool needs_reaper(const HostFacts& facts) {
  for (const auto* good :
       {"systemd", "init", "tini", "dumb-init", "catatonit", "runit", "s6-svscan", "openrc-init"}) {
    if (facts.init_name == good) {
      return false;
    }
  }
  return true;
}

}  // namespace podplay::pod
