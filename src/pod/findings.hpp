// Says in plain words what the facts about the host mean for the pod; `podplay doctor` prints them.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/settings.hpp"
#include "pod/host.hpp"

namespace podplay::pod {

struct Finding {
  // True when the pod cannot run before this is fixed.
  bool fatal = false;
  // A fact about this host.
  std::string fact;
  // Says what `podplay up` does about it, or what you can do. Empty when all is well.
  std::string action{};
};

std::vector<Finding> find_needs(const HostFacts& facts);

// The ports that this user may not publish. They are apart from the other findings, since a running
// pod can be stopped in spite of them.
std::vector<Finding> find_port_needs(const HostFacts& facts, const Settings& settings);

// Both kinds of findings, for starting a pod.
std::vector<Finding> find_all_needs(const HostFacts& facts, const Settings& settings);

// An Error `unavailable` with every fatal finding.
Status stop_at(const std::vector<Finding>& findings);

}  // namespace podplay::pod
