// The agents tell the hub how their services are; this adds it up.
#include "control/watch/status.hpp"

namespace podplay::control {

SystemStatus get_status(Context& context) {
  SystemStatus status{true, context.hub.statuses()};
  for (const ServiceStatus& service : status.services) {
    status.ready = status.ready && service.state == "ready";
  }
  return status;
}

}  // namespace podplay::control
