// What a look at this host finds: what it lacks, and what is wrong with the pod's containers,
// volumes and ports. It works without the control plane.
#pragma once

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
};

HostLook look_at_host(const Lifecycle& lifecycle);

// The causes for settings that contradict each other or cannot be read.
std::vector<FoundCause> causes_of_settings(const Error& error);
// The cause for a control plane that does not answer although its container runs. `words` are those
// of the client.
FoundCause silent_control_plane(const HostLook& look, const std::string& words);
// The cause that a problem of the API names when it cannot do anything, such as "store_damaged";
// nothing when its code says nothing about the pod.
std::optional<FoundCause> cause_of_problem(const Error& error);

// Takes out what the host's causes explain: an agent that is away because its container ended.
std::vector<FoundCause> put_together(const std::vector<FoundCause>& of_host,
                                     const std::vector<FoundCause>& of_pod);

}  // namespace podplay::pod
