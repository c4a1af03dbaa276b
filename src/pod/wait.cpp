// Asks the control plane's /readyz several times a second, and podman now and then: when a
// container has ended for good, waiting is useless.
#include "pod/wait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "net/http.hpp"
#include "pod/readiness.hpp"

namespace podplay::pod {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPollPause{100};
constexpr milliseconds kContainerCheckPause{1500};
// podman restarts a container that fails. After this many times, it does not fail by chance.
constexpr int kTooManyRestarts = 4;

milliseconds since(const Lifecycle& lifecycle, SteadyTime begun) {
  return std::chrono::duration_cast<milliseconds>(lifecycle.clock.steady() - begun);
}

// Whether the container runs, or podman will start it.
bool may_come(const ContainerState& state) {
  if (state.restarts >= kTooManyRestarts) {
    return false;
  }
  return state.status == "running" || state.status == "created" || state.status == "configured" ||
         state.exit_code != 0;
}

// An Error with the last words of a container that ended and will not come back by itself.
Status check_containers(const Lifecycle& lifecycle, const Podman& podman,
                        const Manifest& manifest) {
  const auto states = podman.states(manifest.pod, manifest.containers);
  // podman is busy, so the deadline decides.
  if (!states) {
    return {};
  }
  for (const ContainerState& state : *states) {
    if (may_come(state)) {
      continue;
    }
    return fail(
        ErrorKind::refused, "container_ended",
        fmt::format("the container {} ended with exit code {} ({} restarts); its last words:\n{}",
                    state.name, state.exit_code, state.restarts, podman.last_words(state.name)),
        "fix the cause that they name, then run " + our_command(lifecycle, "up") + " again");
  }
  return {};
}

// The lines that are shown before the control plane has answered.
std::vector<ServiceLine> all_starting(const Manifest& manifest, const std::string& api_message) {
  std::vector<ServiceLine> lines;
  for (const std::string& name : manifest.containers) {
    lines.push_back({.service = name,
                     .state = "starting",
                     .message = name == "api" ? api_message : "waiting for the control plane"});
  }
  return lines;
}

// The services in the manifest's order. The control plane does not list itself, but it answered.
std::vector<ServiceLine> in_order(const Manifest& manifest, const Readiness& readiness) {
  std::vector<ServiceLine> lines;
  for (const std::string& name : manifest.containers) {
    const auto found = std::ranges::find(readiness.services, name, &ServiceLine::service);
    if (found != readiness.services.end()) {
      lines.push_back(*found);
    } else if (name == "api") {
      lines.push_back({.service = name, .ready = true, .state = "ready"});
    } else {
      lines.push_back({.service = name, .state = "starting", .message = "has not reported yet"});
    }
  }
  return lines;
}

std::string describe_waiting(const ServiceLine& line) {
  std::string text = fmt::format("{}: {}", line.service, line.state);
  if (!line.stage.empty()) {
    text += ", stage " + line.stage;
  }
  if (!line.message.empty()) {
    text += ": " + line.message;
  }
  for (const std::string& detail : line.details) {
    text += "\n    " + detail;
  }
  return text;
}

std::unexpected<Error> not_ready(const Lifecycle& lifecycle, const Podman& podman,
                                 const Manifest& manifest, const std::vector<ServiceLine>& lines) {
  std::string message = fmt::format("the pod was not ready within {} s (PODPLAY_READY_DEADLINE):",
                                    lifecycle.settings.integer("PODPLAY_READY_DEADLINE"));
  for (const ServiceLine& line : lines) {
    if (line.ready) {
      continue;
    }
    message += "\n" + describe_waiting(line);
    const std::string container = manifest.pod + "-" + line.service;
    const std::string words = podman.last_words(container, 8);
    if (!words.empty()) {
      message += fmt::format("\n  the last lines of {}:\n{}", container, words);
    }
  }
  return fail(ErrorKind::refused, "not_ready", message,
              fmt::format("{} shows all lines of a container; the pod keeps running",
                          our_command(lifecycle, "podman logs " + manifest.pod + "-SERVICE")));
}

}  // namespace

Status wait_ready(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest,
                  SteadyTime begun) {
  const seconds deadline{lifecycle.settings.integer("PODPLAY_READY_DEADLINE")};
  const std::string base = "http://127.0.0.1:" + lifecycle.settings.text("PODPLAY_HOST_API_PORT");
  Progress progress(lifecycle.out, lifecycle.terminal);
  auto lines = all_starting(manifest, "waiting for " + base);
  SteadyTime next_check = lifecycle.clock.steady() + kContainerCheckPause;
  while (since(lifecycle, begun) < deadline) {
    TRY(auto client, net::HttpClient::make({.base_url = base,
                                            .connect_timeout = milliseconds(500),
                                            .timeout = milliseconds(3000)}));
    if (const auto answer = client->send({.path = "/readyz"}); answer) {
      const auto readiness = parse_readiness(answer->body);
      if (readiness) {
        lines = in_order(manifest, *readiness);
      }
      if (readiness && readiness->ready && answer->status == 200) {
        progress.show(lines, since(lifecycle, begun));
        return {};
      }
    }
    progress.show(lines, since(lifecycle, begun));
    if (lifecycle.clock.steady() >= next_check) {
      TRY(check_containers(lifecycle, podman, manifest));
      next_check = lifecycle.clock.steady() + kContainerCheckPause;
    }
    lifecycle.clock.sleep(kPollPause);
  }
  return not_ready(lifecycle, podman, manifest, lines);
}

}  // namespace podplay::pod
