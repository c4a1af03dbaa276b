// Ids are part of the output and never change; each has a page in docs/runbooks.
#include "pod/host_causes.hpp"

#include <algorithm>
#include <array>

namespace podplay::pod {
namespace {

constexpr std::array kRows = std::to_array<HostCause>({
    {"settings-contradict", "host", "the settings contradict each other or cannot be read",
     "change the settings that are named (docs/settings.md), then run `podplay up`",
     "docs/runbooks/host.md#settings-contradict"},
    {"host-unfit", "host", "this host cannot run the pod: {}", "do what is said above",
     "docs/runbooks/host.md#host-unfit"},
    {"host-port-taken", "host", "another program has a port that the pod needs",
     "end that program, or set another port (PODPLAY_HOST_..._PORT), then run `podplay up`",
     "docs/runbooks/host.md#host-port-taken"},
    {"host-port-unreachable", "host", "the pod's ports cannot be reached from this host",
     "look at the firewall (`nft list ruleset`) and at podman's port forwarding; `podplay down` "
     "and `podplay up` make it again",
     "docs/runbooks/host.md#host-port-unreachable"},
    {"host-volume-missing", "host", "the volume {} does not exist",
     "restore it from a backup with `podplay podman volume import`; `podplay down` and `podplay "
     "up` make an empty one",
     "docs/runbooks/host.md#volume-missing"},
    {"container-paused", "host", "the container of {} is paused",
     "run `podplay podman unpause` with the container's name",
     "docs/runbooks/agents.md#container-paused"},
    {"container-ended", "host", "the container of {} has ended", "run `podplay up`",
     "docs/runbooks/agents.md#agent-down"},
    {"control-plane-down", "api", "the control plane does not run: its container has ended",
     "read its last lines below, then run `podplay up`",
     "docs/runbooks/control.md#control-plane-down"},
    {"control-plane-hangs", "api", "the control plane runs and does not answer",
     "read `podplay podman logs` of its container, then run `podplay down` and `podplay up`",
     "docs/runbooks/control.md#control-plane-hangs"},
    {"control-plane-unreachable", "api", "the control plane cannot be reached at {}",
     "check PODPLAY_URL and PODPLAY_HOST_API_PORT; run `podplay up` on the host of the pod",
     "docs/runbooks/control.md#control-plane-unreachable"},
    {"host-podman-fails", "host", "podman does not answer as it should",
     "run `podplay podman ps -a` and read what podman says",
     "docs/runbooks/host.md#host-podman-fails"},
});

std::string fill(std::string_view text, const std::string& subject) {
  std::string result(text);
  if (const std::size_t at = result.find("{}"); at != std::string::npos) {
    result.replace(at, 2, subject);
  }
  return result;
}

}  // namespace

std::span<const HostCause> host_causes() { return kRows; }

FoundCause make_cause(std::string_view id, const std::string& subject,
                      std::vector<std::string> shown, std::vector<std::string> follows) {
  const auto row = std::ranges::find(kRows, id, &HostCause::id);
  FoundCause found{.cause = std::string(id)};
  if (row != kRows.end()) {
    found.service = row->service;
    found.title = fill(row->title, subject);
    found.remedy = fill(row->remedy, subject);
    found.runbook = row->runbook;
  }
  found.subject = subject;
  found.shown = std::move(shown);
  found.follows = std::move(follows);
  return found;
}

}  // namespace podplay::pod
