// The rules that turn facts into findings. A fatal finding always says what to do about it.
// tools/check-host prints the fatal findings about the host in the same words, before anything is
// built.
#include "pod/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace podplay::pod {
namespace {

void find_programs(const HostFacts& facts, std::vector<Finding>& found) {
  if (facts.podman_version.empty()) {
    found.push_back({.fatal = true,
                     .fact = "podman is not installed",
                     .action = "run `make setup`, or install the packages podman, runc and "
                               "netavark"});
  } else {
    found.push_back(
        {.fact = fmt::format(
             "podman {} as {}", facts.podman_version,
             facts.rootless ? "the ordinary user " + facts.user + " (rootless)" : "root")});
  }
  if (facts.crun.empty() && facts.runc.empty()) {
    found.push_back({.fatal = true,
                     .fact = "neither crun nor runc is installed",
                     .action = "run `make setup`, or install the package runc"});
  }
  if (!facts.network_stack) {
    found.push_back({.fatal = true,
                     .fact = "neither netavark nor CNI plugins are installed",
                     .action = "run `make setup`, or install the package netavark"});
  }
}

void find_cgroup_needs(const HostFacts& facts, std::vector<Finding>& found) {
  if (!has_old_cgroups(facts)) {
    return;
  }
  if (facts.runc.empty()) {
    found.push_back({.fatal = true,
                     .fact =
                         "cgroups are of version 1 or a hybrid, which crun refuses, and runc is "
                         "not installed",
                     .action = "run `make setup`, or install the package runc"});
  } else {
    found.push_back(
        {.fact = fmt::format("cgroups are {}, which crun refuses",
                             facts.cgroups == Cgroups::v1 ? "of version 1" : "a hybrid"),
         .action = "containers run with " + facts.runc});
  }
  if (facts.rootless) {
    found.push_back(
        {.fact = "an ordinary user can set no memory limits with these cgroups",
         .action = "containers run without memory limits; they have them as root, or with cgroups "
                   "version 2"});
  }
}

void find_process_needs(const HostFacts& facts, std::vector<Finding>& found) {
  if (!facts.rootless && !facts.sys_resource) {
    found.push_back(
        {.fact = "this root user lacks CAP_SYS_RESOURCE, so that the resource limits podman asks "
                 "for cannot be set",
         .action = fmt::format("podman reads {}/containers.conf, where podplay is the OCI runtime: "
                               "it removes those limits and calls the real one; nothing in /etc "
                               "is touched",
                               facts.run_folder)});
  }
  if (needs_reaper(facts)) {
    found.push_back(
        {.fact = fmt::format("process 1 is {}, which is not known to collect finished processes "
                             "at once",
                             facts.init_name),
         .action = "podman runs below a small program of ours that does"});
  }
  if (facts.init_name != "systemd") {
    found.push_back({.fact = "without systemd, podman runs no probes by itself",
                     .action = "the agents run the probes and report them to the control plane"});
  }
}

void find_user_needs(const HostFacts& facts, std::vector<Finding>& found) {
  if (!facts.subuids) {
    found.push_back(
        {.fatal = true,
         .fact = fmt::format("/etc/subuid and /etc/subgid have no range for {}", facts.user),
         .action = fmt::format("run: sudo usermod --add-subuids 100000-165535 --add-subgids "
                               "100000-165535 {}",
                               facts.user)});
  }
  if (!facts.tun) {
    found.push_back({.fatal = true,
                     .fact = "/dev/net/tun cannot be opened, which rootless networks need",
                     .action = "run: sudo modprobe tun; sudo chmod 0666 /dev/net/tun"});
  }
  if (!facts.uidmap) {
    found.push_back({.fatal = true,
                     .fact = "newuidmap is not installed, which rootless podman needs",
                     .action = "run `make setup`, or install the package uidmap"});
  }
  if (!facts.rootless_network) {
    found.push_back(
        {.fatal = true,
         .fact = "the program that podman makes rootless networks with is not installed",
         .action = "run `make setup`, or install the package passt (podman 5) or slirp4netns "
                   "(before)"});
  }
  if (!facts.linger) {
    found.push_back(
        {.fact = fmt::format("the pod ends together with the last login of {}", facts.user),
         .action = fmt::format("to keep it running: sudo loginctl enable-linger {}", facts.user)});
  }
}

void find_storage_needs(const HostFacts& facts, std::vector<Finding>& found) {
  const StorageFacts& storage = facts.storage;
  const StorageChoice choice = choose_storage(storage);
  if (choice == StorageChoice::none) {
    found.push_back({.fatal = true,
                     .fact = "this kernel lets an ordinary user mount no overlay file system, and "
                             "fuse-overlayfs is not installed or /dev/fuse cannot be opened",
                     .action =
                         "install the package fuse-overlayfs, and if need be: sudo chmod 0666 "
                         "/dev/fuse"});
    return;
  }
  if (storage.configured_by_user) {
    found.push_back({.fact = "podman's storage is configured by a storage.conf of yours"});
    return;
  }
  if (choice != StorageChoice::podmans_own || storage.in_use == "overlay") {
    found.push_back(
        {.fact = fmt::format(
             "podman's storage is overlay{}",
             choice == StorageChoice::fuse_overlayfs ? " through fuse-overlayfs" : "")});
    return;
  }
  // Changing the driver means a new store. Volumes with mail must not be lost for speed.
  const std::string reset = fmt::format(
      "run: podman system reset (removes all containers, images and volumes of {})", facts.user);
  found.push_back(
      {.fatal = !storage.holds_volumes,
       .fact = fmt::format("the podman store of {} uses the driver {}, which copies every layer "
                           "whole: slow, and many times the space",
                           facts.user, storage.in_use),
       .action = storage.holds_volumes
                     ? "it is used as it is, since it holds volumes; to change it, save them with "
                       "`podman volume export`, then " +
                           reset
                     : reset});
}

}  // namespace

std::vector<Finding> find_needs(const HostFacts& facts) {
  std::vector<Finding> found;
  find_programs(facts, found);
  find_cgroup_needs(facts, found);
  find_process_needs(facts, found);
  if (facts.rootless) {
    find_user_needs(facts, found);
    find_storage_needs(facts, found);
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
        {.fatal = true,
         .fact = fmt::format("an ordinary user may not publish port {} ({})", settings.text(row),
                             row.name),
         .action = fmt::format("use the lab profile, set another port, or run: sudo sysctl "
                               "net.ipv4.ip_unprivileged_port_start={}",
                               settings.text(row))});
  }
  return found;
}

std::vector<Finding> find_all_needs(const HostFacts& facts, const Settings& settings) {
  std::vector<Finding> found = find_needs(facts);
  std::ranges::move(find_port_needs(facts, settings), std::back_inserter(found));
  return found;
}

Status stop_at(const std::vector<Finding>& findings) {
  std::vector<Fault> faults;
  for (const Finding& finding : findings) {
    if (finding.fatal) {
      faults.push_back(
          {.field = "host", .code = "host", .message = finding.fact, .remedy = finding.action});
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
