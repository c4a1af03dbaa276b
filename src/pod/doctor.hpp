// What a look at this host finds: what it lacks, and what is wrong with the pod's containers,
// volumes and ports. It works without the control plane.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/found_cause.hpp"
#include "pod/findings.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::pod {

struct HostLook {
  // Causes, the most important first.
  std::vector<FoundCause> causes;
  // What is as it should be, and what `podplay up` works around.
  std::vector<Finding> facts;
  // Whether there is a pod to ask for its diagnosis.
  bool pod_exists = false;
  // The state of the control plane's container, such as "running" or "paused"; empty: there is
  // none.
  std::string control_plane;
  // No published port can be reached: that is no matter of one service.
  bool cut_off = false;
  // How often podman has started it again, and how long its process runs.
  int restarts = 0;
  std::chrono::milliseconds age{0};
  // The file descriptors that its process has open, and may have; 0: not known.
  std::int64_t descriptors = 0;
  std::int64_t descriptor_limit = 0;
  // What it said last; filled when it has ended before.
  std::vector<std::string> last_lines;
};

HostLook look_at_host(const Lifecycle& lifecycle);

// No published port can be reached, and the control plane has had the time to start.
bool is_cut_off(const HostLook& look);

// The causes for settings that contradict each other or cannot be read.
std::vector<FoundCause> causes_of_settings(const Error& error);
// The cause for a control plane that does not answer; `error` is the client's. Nothing while it
// only starts: it refuses connections then, and does not take them in silence.
std::optional<FoundCause> silent_control_plane(const HostLook& look, const Error& error);
// The cause that a problem of the API names when it cannot do anything, such as "store_damaged";
// nothing when its code says nothing about the pod.
std::optional<FoundCause> cause_of_problem(const Error& error);

// Takes out what the host's causes explain: an agent that is away because its container ended.
// `ready`: the control plane says that every service is ready.
std::vector<FoundCause> put_together(const HostLook& look, const std::vector<FoundCause>& of_pod,
                                     bool ready);

}  // namespace podplay::pod
