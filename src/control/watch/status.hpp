// The state of the pod and its services.
#pragma once

#include <vector>

#include "control/context.hpp"

namespace podplay::control {

struct SystemStatus {
  // Every service is ready and has its first release.
  bool ready = false;
  std::vector<ServiceStatus> services;
};
SystemStatus get_status(Context& context);

}  // namespace podplay::control
