// The agents tell the hub how their services are; the pod is ready when all of them are.
#include "control/watch/status.hpp"

#include <algorithm>

namespace podplay::control {

SystemStatus get_status(Context& context) {
  SystemStatus status{.services = context.hub.statuses()};
  status.ready = std::ranges::all_of(
      status.services, [](const ServiceStatus& service) { return service.state == "ready"; });
  return status;
}

}  // namespace podplay::control
