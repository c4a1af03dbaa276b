// The state of the pod and its services: what the agents say, and what the control plane found out
// itself.
#pragma once

#include <vector>

#include "control/context.hpp"

namespace podplay::control {

// The control plane's own state.
struct ControlHealth {
  // "ready" or "degraded".
  std::string health;
  std::vector<std::string> reasons;
  // About itself and about services.
  std::vector<ServiceCheck> checks;
};

struct SystemStatus {
  // Every service and the control plane are ready, and every service has its first release.
  bool ready = false;
  // `health` and `reasons` of each are set.
  std::vector<ServiceStatus> services;
  ControlHealth control;
};
SystemStatus get_status(Context& context);

}  // namespace podplay::control
