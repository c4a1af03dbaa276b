// Stops the containers in order. A container that was killed or is gone already holds up nothing.
#include "pod/stop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "pod/say.hpp"

namespace podplay::pod {

namespace fs = std::filesystem;
using std::chrono::seconds;

// podman believes that a container runs until its conmon says otherwise, and waits forever for a
// conmon that was killed as well. A process that was killed but not yet reaped (state Z of
// proc_pid_stat(5)) counts as gone, too.
bool is_gone(const Lifecycle& lifecycle, const ContainerState& state) {
  if (state.pid <= 0) {
    return false;
  }
  std::ifstream file(fs::path(lifecycle.host_root) / "proc" / std::to_string(state.pid) / "stat");
  std::string text;
  if (!std::getline(file, text)) {
    return true;
  }
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'Z';
}

namespace {

constexpr int kStopSeconds = 30;

// Services first and the control plane last, so that their last reports arrive.
Status stop_containers(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  std::vector<std::string> services{"stop", "--time", std::to_string(kStopSeconds)};
  std::vector<std::string> last = services;
  TRY(const auto states, podman.states(manifest.pod, {"apache", "mail", "bind", "debug", "api"}));
  for (const ContainerState& state : states) {
    if (is_gone(lifecycle, state)) {
      say(lifecycle,
          "  {}: its process {} has ended without podman's notice (it was killed, or the machine "
          "lost power)",
          state.name, state.pid);
      continue;
    }
    const bool control_plane = state.name == manifest.pod + "-api";
    (control_plane ? last : services).push_back(state.name);
  }
  for (const auto& command : {services, last}) {
    if (command.size() == 3) {
      continue;
    }
    TRY(const auto outcome, podman.run(command, seconds(kStopSeconds + 30)));
    if (outcome.err.find("SIGKILL") != std::string::npos) {
      say(lifecycle, "  a container did not stop within {} s: {}", kStopSeconds, outcome.err);
    }
  }
  return {};
}

}  // namespace

Status remove_pod(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest) {
  TRY(stop_containers(lifecycle, podman, manifest));
  // When the pod's processes were killed, the first attempt only makes podman notice that. The
  // second one removes the pod.
  auto removed = podman.ask({"pod", "rm", "--force", "--time", "5", manifest.pod}, seconds(30));
  if (!removed) {
    removed = podman.ask({"pod", "rm", "--force", "--time", "5", manifest.pod}, seconds(60));
  }
  TRY(removed);
  // podman keeps a volume for each emptyDir, and one for the Secret, which the settings may have
  // lost since the pod was started. A volume that is also a claim holds data and stays.
  const std::string secret = secret_name(manifest.pod);
  std::set<std::string> scratch(manifest.scratch.begin(), manifest.scratch.end());
  scratch.insert(secret);
  std::vector<std::string> removal{"volume", "rm"};
  for (const std::string& name : scratch) {
    if (std::ranges::find(manifest.claims, name) == manifest.claims.end()) {
      removal.push_back(name);
    }
  }
  // What does not exist any more is no failure.
  static_cast<void>(podman.run(removal));
  static_cast<void>(podman.run({"secret", "rm", secret}));
  return {};
}

}  // namespace podplay::pod
