// Ids are part of the output and never change; each has a page in docs/runbooks.
#include "pod/host_causes.hpp"

#include <algorithm>
#include <array>

namespace podplay::pod {
namespace {

constexpr std::array kRows = std::to_array<HostCause>({
    {.id = "settings-contradict",
     .service = "host",
     .title = "the settings contradict each other or cannot be read",
     .remedy = "change the settings that are named (docs/settings.md), then run `podplay up`",
     .runbook = "docs/runbooks/host.md#settings-contradict"},
    {.id = "host-unfit",
     .service = "host",
     .title = "this host cannot run the pod: {}",
     .remedy = "do what is said above",
     .runbook = "docs/runbooks/host.md#host-unfit"},
    {.id = "host-port-taken",
     .service = "host",
     .title = "another program has a port that the pod needs",
     .remedy =
         "end that program, or set another port (PODPLAY_HOST_..._PORT), then run `podplay up`",
     .runbook = "docs/runbooks/host.md#host-port-taken"},
    {.id = "host-port-unreachable",
     .service = "host",
     .title = "the pod's ports cannot be reached from this host",
     .remedy = "look at the firewall (`nft list ruleset`) and at podman's port forwarding; "
               "`podplay down` and `podplay up` make it again",
     .runbook = "docs/runbooks/host.md#host-port-unreachable"},
    {.id = "host-volume-missing",
     .service = "host",
     .title = "the volume {} does not exist",
     .remedy = "restore it from a backup with `podplay podman volume import`; `podplay down` and "
               "`podplay up` make an empty one",
     .runbook = "docs/runbooks/host.md#volume-missing"},
    {.id = "container-paused",
     .service = "host",
     .title = "the container of {} is paused",
     .remedy = "run `podplay podman unpause` with the container's name",
     .runbook = "docs/runbooks/agents.md#container-paused"},
    {.id = "container-ended",
     .service = "host",
     .title = "the container of {} has ended",
     .remedy = "run `podplay up`",
     .runbook = "docs/runbooks/agents.md#agent-down"},
    {.id = "control-plane-down",
     .service = "api",
     .title = "the control plane does not run: its container has ended",
     .remedy = "read its last lines below, then run `podplay up`",
     .runbook = "docs/runbooks/control.md#control-plane-down"},
    {.id = "control-plane-hangs",
     .service = "api",
     .title = "the control plane runs and does not answer",
     .remedy =
         "read `podplay podman logs` of its container, then run `podplay down` and `podplay up`",
     .runbook = "docs/runbooks/control.md#control-plane-hangs"},
    {.id = "control-plane-unreachable",
     .service = "api",
     .title = "the control plane cannot be reached at {}",
     .remedy =
         "check PODPLAY_URL and PODPLAY_HOST_API_PORT; run `podplay up` on the host of the pod",
     .runbook = "docs/runbooks/control.md#control-plane-unreachable"},
    {.id = "host-podman-fails",
     .service = "host",
     .title = "podman does not answer as it should",
     .remedy = "run `podplay podman ps -a` and read what podman says",
     .runbook = "docs/runbooks/host.md#host-podman-fails"},
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
