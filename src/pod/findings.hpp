// What facts about the host mean for the pod, in plain words (`podplay doctor` prints them).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/settings.hpp"
#include "pod/host.hpp"

namespace podplay::pod {

struct Finding {
  // The pod cannot run before this is fixed.
  bool fatal = false;
  // What this host is.
  std::string fact;
  // What `podplay up` does about it, or what you can do; empty when all is well.
  std::string action{};
};

std::vector<Finding> find_needs(const HostFacts& facts);

// The ports that this user may not publish. Apart from the others, since a pod that runs can be
// stopped all the same.
std::vector<Finding> find_port_needs(const HostFacts& facts, const Settings& settings);

// Both, for who wants to start a pod.
std::vector<Finding> find_all_needs(const HostFacts& facts, const Settings& settings);

// An Error `unavailable` with every fatal finding.
Status stop_at(const std::vector<Finding>& findings);

}  // namespace podplay::pod
