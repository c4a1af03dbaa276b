// The look at the host changes nothing but the few files that podman needs on it.
#include "pod/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/process_table.hpp"
#include "pod/host_causes.hpp"
#include "pod/manifest_file.hpp"
#include "pod/podman.hpp"
#include "pod/ports.hpp"
#include "pod/reachable.hpp"

namespace podplay::pod {
namespace {

// Of what a container said last.
constexpr int kLastLines = 8;
// A control plane that was started later may not answer yet.
constexpr std::chrono::seconds kLongestStart{20};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) {
      lines.push_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return lines;
}

// The cause that the last lines of a control plane name; the codes of docs/operations.md.
std::optional<FoundCause> cause_of_words(const std::vector<std::string>& lines) {
  for (const auto& [phrase, code] : {std::pair{"its file is damaged", "store_damaged"},
                                     std::pair{"the disk is full", "disk_full"}}) {
    for (const std::string& line : lines) {
      if (line.find(phrase) == std::string::npos) {
        continue;
      }
      auto cause = cause_of_problem({.kind = ErrorKind::io, .code = code, .message = line});
      if (cause) {
        cause->shown = lines;
        cause->remedy = code == std::string_view("disk_full")
                            ? "make room on the state volume, then run `podplay up`"
                            : "check the disk (`dmesg`), run `podplay down`, restore the state "
                              "volume from a backup, run `podplay up`";
      }
      return cause;
    }
  }
  return std::nullopt;
}

FoundCause cause_of_ended(const Podman& podman, const ContainerState& state,
                          const std::string& service) {
  std::vector<std::string> shown{fmt::format("container {} is {} with exit code {}", state.name,
                                             state.status, state.exit_code)};
  const auto killed =
      podman.ask({"container", "inspect", "--format", "{{.State.OOMKilled}}", state.name});
  if (killed && *killed == "true") {
    shown.emplace_back("the kernel ended it, since it was out of memory");
  }
  for (std::string& line : lines_of(podman.last_words(state.name, kLastLines))) {
    shown.push_back(std::move(line));
  }
  if (service == "api") {
    if (auto known = cause_of_words(shown)) {
      return *known;
    }
    return make_cause("control-plane-down", service, std::move(shown),
                      {"changes are not possible; mail, DNS and web go on"});
  }
  return make_cause("container-ended", service, std::move(shown),
                    {fmt::format("{} is not served", service)});
}

void look_at_control_plane(const Podman& podman, const ContainerState& state, HostLook& look) {
  look.control_plane = state.status;
  look.restarts = state.restarts;
  const auto processes = read_processes();
  const auto process = std::ranges::find(processes, state.pid, &ProcessFacts::pid);
  if (process != processes.end()) {
    look.age = std::chrono::milliseconds(process->age_ms);
    look.descriptors = process->fds;
    look.descriptor_limit = process->fd_limit;
  }
  if (state.restarts > 0) {
    look.last_lines = lines_of(podman.last_words(state.name, kLastLines));
  }
}

void look_at_containers(const Podman& podman, const Manifest& manifest, HostLook& look) {
  const auto states = podman.states(manifest.pod, manifest.containers);
  if (!states) {
    look.causes.push_back(make_cause("host-podman-fails", "podman", {states.error().message}));
    return;
  }
  for (const std::string& service : manifest.containers) {
    const std::string name = manifest.pod + "-" + service;
    const auto state = std::ranges::find(*states, name, &ContainerState::name);
    if (state == states->end()) {
      look.causes.push_back(make_cause(service == "api" ? "control-plane-down" : "container-ended",
                                       service, {"there is no container " + name}));
      continue;
    }
    if (service == "api") {
      look_at_control_plane(podman, *state, look);
    }
    if (state->status == "paused") {
      look.causes.push_back(make_cause("container-paused", service,
                                       {fmt::format("container {} is paused", name)},
                                       {fmt::format("{} answers nobody", service)}));
    } else if (state->status != "running") {
      look.causes.push_back(cause_of_ended(podman, *state, service));
    }
  }
}

void look_at_volumes(const Podman& podman, const Manifest& manifest, HostLook& look) {
  const auto names = podman.ask({"volume", "ls", "--format", "{{.Name}}"});
  if (!names) {
    return;
  }
  const auto existing = lines_of(*names);
  for (const std::string& claim : manifest.claims) {
    if (std::ranges::find(existing, claim) == existing.end()) {
      look.causes.push_back(make_cause("host-volume-missing", claim,
                                       {fmt::format("`podman volume ls` does not list {}", claim)},
                                       {"what is written there now is lost when the pod ends"}));
    }
  }
}

void look_at_ports(const Lifecycle& lifecycle, const Manifest& manifest, HostLook& look) {
  if (Status free = check_ports(lifecycle.host_root, manifest); !free) {
    std::vector<std::string> shown;
    for (const Fault& fault : free.error().faults) {
      shown.push_back(fault.message);
    }
    if (shown.empty()) {
      shown.push_back(free.error().message);
    }
    look.causes.push_back(
        make_cause("host-port-taken", "port", std::move(shown), {"the pod cannot start"}));
    return;
  }
  look.facts.push_back(
      {.fact = fmt::format("all {} ports of the pod are free", manifest.ports.size())});
}

// Only when every container runs: a port of one that does not is no matter of the network.
void look_from_outside(const Manifest& manifest, HostLook& look) {
  if (!look.causes.empty()) {
    return;
  }
  std::vector<std::string> shown = unreachable_ports(manifest.ports);
  look.cut_off = shown.size() >= static_cast<std::size_t>(std::ranges::count(manifest.ports, false,
                                                                             &PublishedPort::udp));
  if (!shown.empty()) {
    look.causes.push_back(make_cause("host-port-unreachable", "ports", std::move(shown),
                                     {"clients of this pod cannot connect"}));
  }
}

}  // namespace

HostLook look_at_host(const Lifecycle& lifecycle) {
  HostLook look;
  for (Finding& finding : find_all_needs(inspect_host(lifecycle), lifecycle.settings)) {
    if (finding.fatal) {
      FoundCause cause = make_cause("host-unfit", finding.fact, {finding.fact});
      cause.remedy = finding.action;
      look.causes.push_back(std::move(cause));
    } else {
      look.facts.push_back(std::move(finding));
    }
  }
  const auto manifest = load_manifest(lifecycle);
  if (!manifest) {
    look.causes.push_back(
        make_cause("settings-contradict", "manifest", {describe(manifest.error())}));
    return look;
  }
  if (!look.causes.empty()) {
    return look;
  }
  const auto podman = Podman::open(lifecycle);
  const auto inputs =
      podman ? podman->pod_label(manifest->pod, "podplay.inputs") : std::unexpected(podman.error());
  if (!inputs) {
    look.causes.push_back(make_cause("host-podman-fails", "podman", {inputs.error().message}));
    return look;
  }
  look.pod_exists = inputs->has_value();
  if (!look.pod_exists) {
    look.facts.push_back({.fact = fmt::format("there is no pod {} on this host", manifest->pod),
                          .action = "`podplay up` makes it"});
    look_at_ports(lifecycle, *manifest, look);
    return look;
  }
  look.facts.push_back(
      {.fact = fmt::format("the pod {} exists and holds its own ports", manifest->pod)});
  look_at_containers(*podman, *manifest, look);
  look_at_volumes(*podman, *manifest, look);
  look_from_outside(*manifest, look);
  return look;
}

bool is_cut_off(const HostLook& look) { return look.cut_off && look.age >= kLongestStart; }

namespace {

// It has no descriptor left to take a connection with, so it cannot say this itself.
std::optional<FoundCause> descriptors_exhausted(const HostLook& look) {
  if (look.descriptor_limit <= 0 || look.descriptors * 100 < look.descriptor_limit * 95) {
    return std::nullopt;
  }
  return FoundCause{.cause = "control-plane-descriptors-exhausted",
                    .service = "api",
                    .title = "the control plane has no file descriptors left",
                    .shown = {fmt::format("podplayd has {} of {} file descriptors open",
                                          look.descriptors, look.descriptor_limit)},
                    .follows = {"requests are refused, and agents count as away"},
                    .remedy =
                        "run `podplay down` and `podplay up`; report it, since podplayd "
                        "should not keep so many open",
                    .runbook = "docs/runbooks/control.md#control-plane-descriptors-exhausted"};
}

}  // namespace

std::vector<FoundCause> causes_of_settings(const Error& error) {
  std::vector<std::string> shown;
  std::string remedy;
  for (const Fault& fault : error.faults) {
    shown.push_back(fault.field.empty() ? fault.message : fault.field + ": " + fault.message);
    if (!fault.remedy.empty()) {
      remedy += (remedy.empty() ? "" : "; ") + fault.remedy;
    }
  }
  if (shown.empty()) {
    shown.push_back(error.message);
    remedy = error.remedy;
  }
  FoundCause cause = make_cause("settings-contradict", "settings", std::move(shown),
                                {"no command about the pod works before that"});
  if (!remedy.empty()) {
    cause.remedy = remedy;
  }
  return {std::move(cause)};
}

std::optional<FoundCause> silent_control_plane(const HostLook& look, const Error& error) {
  const std::string& words = error.message;
  const std::vector<std::string> follows{"changes are not possible; mail, DNS and web go on"};
  if (look.control_plane != "running") {
    return make_cause("control-plane-unreachable", "its address", {words});
  }
  if (auto known = cause_of_words(look.last_lines)) {
    return known;
  }
  if (look.restarts > 0 && look.age < kLongestStart) {
    std::vector<std::string> shown{
        fmt::format("podman has started its container again {} times", look.restarts)};
    shown.insert(shown.end(), look.last_lines.begin(), look.last_lines.end());
    return make_cause("control-plane-down", "api", std::move(shown), follows);
  }
  if (auto exhausted = descriptors_exhausted(look)) {
    return exhausted;
  }
  if (look.age < kLongestStart && error.code != "no_answer") {
    return std::nullopt;
  }
  // It runs, and nobody is at the address: it is asked at a wrong one.
  if (error.code == "no_connection") {
    return make_cause("control-plane-unreachable", "its address", {words});
  }
  return make_cause("control-plane-hangs", "api", {words}, follows);
}

std::optional<FoundCause> cause_of_problem(const Error& error) {
  // The causes of the control plane that keep it from answering anything, by the problem's code.
  static const std::map<std::string_view, std::array<const char*, 2>> kCodes{
      {"store_damaged", {"store-damaged", "the store's file is damaged"}},
      {"disk_full", {"store-volume-full", "the volume of the store is full"}},
      {"store", {"store-unreachable", "the store cannot be read or written"}}};
  const auto found = kCodes.find(error.code);
  if (found == kCodes.end()) {
    return std::nullopt;
  }
  return FoundCause{.cause = found->second[0],
                    .service = "api",
                    .title = found->second[1],
                    .shown = {error.message},
                    .follows = {"changes are not possible; mail, DNS and web go on"},
                    .remedy = error.remedy,
                    .runbook = std::string("docs/runbooks/store.md#") + found->second[0]};
}

std::vector<FoundCause> put_together(const HostLook& look, const std::vector<FoundCause>& of_pod,
                                     bool ready) {
  std::vector<FoundCause> all = look.causes;
  // A port of a service that is not well, or that only starts, is no matter of the network.
  const bool of_network = ready ? of_pod.empty() : is_cut_off(look);
  if (!of_network) {
    std::erase_if(all, [](const FoundCause& one) { return one.cause == "host-port-unreachable"; });
  }
  for (const FoundCause& found : of_pod) {
    const bool silent = found.cause == "agent-down" || found.cause == "agent-hangs";
    const auto reason = std::ranges::find_if(all, [&](const FoundCause& one) {
      return silent && one.subject == found.service && one.cause.starts_with("container-");
    });
    if (reason == all.end()) {
      all.push_back(found);
      continue;
    }
    reason->follows.insert(reason->follows.end(), found.follows.begin(), found.follows.end());
  }
  return all;
}

}  // namespace podplay::pod
