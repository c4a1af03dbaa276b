// Looking at the host, and the few files that podman needs on a restricted one.
#include "pod/host.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/files.hpp"
#include "base/numbers.hpp"

namespace podplay::pod {
namespace {

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
  facts.tun = ::access((root / "dev/net/tun").c_str(), R_OK | W_OK) == 0;
  facts.uidmap = !find_program(root, "newuidmap").empty();
  // Without systemd nobody ends processes at logout.
  std::error_code error;
  facts.linger = facts.init_name != "systemd" ||
                 fs::exists(root / "var/lib/systemd/linger" / facts.user, error);
  const std::string start = read_text(root / "proc/sys/net/ipv4/ip_unprivileged_port_start");
  facts.first_free_port = parse_number<int>(start).value_or(1024);
}

bool wants_reaping(const HostFacts& facts) {
  for (const auto* good :
       {"systemd", "init", "tini", "dumb-init", "catatonit", "runit", "s6-svscan", "openrc-init"}) {
    if (facts.init_name == good) {
      return false;
    }
  }
  return true;
}

}  // namespace

HostFacts inspect_host(const Lifecycle& lifecycle) {
  const std::string& root = lifecycle.host_root;
  HostFacts facts;
  facts.rootless = ::geteuid() != 0;
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
  if (facts.rootless) {
    inspect_rootless(lifecycle, facts);
  }
  const auto version = lifecycle.runner.run({{"podman", "--version"}});
  if (version && version->exit_code == 0) {
    const std::string words = version->words();
    facts.podman_version = words.substr(words.find_last_of(' ') + 1);
  }
  const bool new_podman = std::atoi(facts.podman_version.c_str()) >= 5;
  if (facts.rootless) {
    facts.pasta = !find_program(root, new_podman ? "pasta" : "slirp4netns").empty();
  }
  return facts;
}

PodmanPlan plan_podman(const HostFacts& facts) {
  PodmanPlan plan;
  const bool old_cgroups = facts.cgroups == Cgroups::hybrid || facts.cgroups == Cgroups::v1;
  plan.strip_limits = facts.rootless ? old_cgroups : !facts.sys_resource;
  if ((old_cgroups && !facts.crun.empty() && !facts.runc.empty()) || plan.strip_limits) {
    plan.runtime = old_cgroups || facts.crun.empty() ? facts.runc : facts.crun;
  }
  plan.reap = wants_reaping(facts);
  if (!plan.runtime.empty()) {
    plan.environment["CONTAINERS_CONF"] = facts.run_folder + "/containers.conf";
  }
  if (plan.reap) {
    plan.prefix = {facts.run_folder + "/" + kRuntimeName, kReapOption, "podman"};
  }
  return plan;
}

namespace {

std::string containers_conf(const HostFacts& facts, const PodmanPlan& plan) {
  const std::string name = plan.runtime == facts.crun ? "crun" : "runc";
  const std::string path = plan.strip_limits ? facts.run_folder + "/" + kRuntimeName : plan.runtime;
  return fmt::format(
      "# Written by podplay for this host, see `podplay doctor`. The runtime keeps its usual name, "
      "so that plain podman\n"
      "# commands find the containers too.\n[engine]\nruntime = \"{0}\"\n\n[engine.runtimes]\n{0} "
      "= [\"{1}\"]\n",
      name, path);
}

Status broken(const std::string& path, std::string_view what, const std::string& why) {
  return fail(ErrorKind::io, "host_files", fmt::format("could not {} {}: {}", what, path, why),
              "run as the user who runs podman");
}

// The copy stays when the program it came from is rebuilt or removed: containers need it as long as
// they live.
Status install_copy(const std::string& program, const std::string& path) {
  std::error_code error;
  const fs::path beside = path + ".new";
  fs::copy_file(program, beside, fs::copy_options::overwrite_existing, error);
  if (!error) {
    fs::permissions(beside, fs::perms(0755), error);
  }
  if (!error) {
    fs::rename(beside, path, error);
  }
  return error ? broken(path, "install", error.message()) : Status{};
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::file_size(a, error) != fs::file_size(b, error) || error) {
    return false;
  }
  const auto a_time = fs::last_write_time(a, error);
  const auto b_time = fs::last_write_time(b, error);
  return !error && a_time <= b_time;
}

}  // namespace

Status prepare_podman(const Lifecycle& lifecycle, const HostFacts& facts, const PodmanPlan& plan) {
  if (plan.runtime.empty() && !plan.reap) {
    return {};
  }
  const std::string& folder = facts.run_folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return broken(folder, "make the folder", error.message());
  }
  fs::permissions(folder, fs::perms(0755), error);
  const std::string copy = folder + "/" + kRuntimeName;
  if ((plan.strip_limits || plan.reap) && !same_file(lifecycle.program, copy)) {
    TRY(install_copy(lifecycle.program, copy));
  }
  if (plan.runtime.empty()) {
    return {};
  }
  // Containers that run read these at every exec: replaced by rename, and only when they differ.
  RealFiles files;
  const std::string link = folder + "/" + kRealRuntimeLink;
  const auto target = files.read_link(link);
  if (!target || *target != plan.runtime) {
    TRY(files.swap_link(plan.runtime, link));
  }
  const std::string& path = plan.environment.at("CONTAINERS_CONF");
  const std::string wanted = containers_conf(facts, plan);
  if (files.exists(path) && files.read(path).value_or("") == wanted) {
    return {};
  }
  return files.write_atomic(path, wanted, 0644, {});
}

std::vector<Finding> find_needs(const HostFacts& facts) {
  std::vector<Finding> found;
  const auto say = [&](bool fatal, std::string fact, std::string action) {
    found.push_back({fatal, std::move(fact), std::move(action)});
  };
  if (facts.podman_version.empty()) {
    say(true, "podman is not installed",
        "run `make setup`, or install the packages podman, runc and netavark");
  } else {
    say(false,
        fmt::format("podman {} as {}", facts.podman_version,
                    facts.rootless ? "the ordinary user " + facts.user + " (rootless)" : "root"),
        "");
  }
  if (facts.crun.empty() && facts.runc.empty()) {
    say(true, "neither crun nor runc is installed",
        "run `make setup`, or install the package runc");
  }
  const bool old_cgroups = facts.cgroups == Cgroups::hybrid || facts.cgroups == Cgroups::v1;
  if (old_cgroups && facts.runc.empty()) {
    say(true,
        "the kernel's cgroups are version 1 or hybrid, which crun refuses, and runc is not "
        "installed",
        "install the package runc");
  } else if (old_cgroups) {
    say(false,
        fmt::format("cgroups are {}, which crun refuses",
                    facts.cgroups == Cgroups::v1 ? "version 1" : "in hybrid mode"),
        "containers run with " + facts.runc);
  }
  if (!facts.rootless && !facts.sys_resource) {
    say(false,
        "this root user lacks CAP_SYS_RESOURCE, so the resource limits that podman asks for cannot "
        "be set",
        fmt::format("podman uses our {}/containers.conf, whose runtime is podplay itself: it "
                    "leaves those limits out and calls the real one; "
                    "nothing in /etc is touched",
                    facts.run_folder));
  }
  if (facts.rootless && old_cgroups) {
    say(false, "an ordinary user can set no memory limits with these cgroups",
        "containers run without them; as root, or with cgroups version 2, they have them");
  }
  if (wants_reaping(facts)) {
    say(false,
        fmt::format(
            "process 1 is {}, no init system that is known to collect finished processes at once",
            facts.init_name),
        "podman runs below a small reaper of ours");
  }
  if (facts.init_name != "systemd") {
    say(false, "without systemd, podman runs no probes of its own",
        "readiness is what the agents report to the control plane");
  }
  if (!facts.network_stack) {
    say(true, "neither netavark nor CNI plugins are installed",
        "run `make setup`, or install the package netavark");
  }
  if (facts.rootless && !facts.subuids) {
    say(true, fmt::format("/etc/subuid and /etc/subgid have no range for {}", facts.user),
        fmt::format("run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}",
                    facts.user));
  }
  if (facts.rootless && !facts.tun) {
    say(true, "/dev/net/tun cannot be opened, which rootless networks need",
        "run: sudo chmod 0666 /dev/net/tun");
  }
  if (!facts.uidmap) {
    say(true, "newuidmap is not installed, which rootless podman needs",
        "run `make setup`, or install the package uidmap");
  }
  if (!facts.pasta) {
    say(true, "the program that podman makes rootless networks with is not installed",
        "run `make setup`, or install the package passt (podman 5) or slirp4netns (before)");
  }
  if (!facts.linger) {
    say(false,
        fmt::format("the processes of {} end when the last login ends, and the pod with them",
                    facts.user),
        fmt::format("to keep it running: sudo loginctl enable-linger {}", facts.user));
  }
  return found;
}

std::vector<Finding> find_port_needs(const HostFacts& facts, const Settings& settings) {
  std::vector<Finding> found;
  for (const SettingRow& row : settings.rows()) {
    if (!facts.rootless || !row.name.starts_with("PODPLAY_HOST_") || !row.name.ends_with("_PORT")) {
      continue;
    }
    if (settings.integer(row) >= facts.first_free_port) {
      continue;
    }
    found.push_back(
        {true,
         fmt::format("an ordinary user may not publish port {} ({})", settings.text(row), row.name),
         fmt::format("use the lab profile, another port, or: sudo sysctl "
                     "net.ipv4.ip_unprivileged_port_start={}",
                     settings.text(row))});
  }
  return found;
}

Status stop_at(const std::vector<Finding>& findings) {
  std::vector<Fault> faults;
  for (const Finding& finding : findings) {
    if (finding.fatal) {
      faults.push_back({"host", "host", finding.fact, finding.action});
    }
  }
  if (faults.empty()) {
    return {};
  }
  auto failure = fail_faults(std::move(faults), "this host cannot run the pod yet");
  failure.error().kind = ErrorKind::unavailable;
  return failure;
}

}  // namespace podplay::pod
