// Restarts of daemons by hand.
#pragma once

#include <string>

#include "control/context.hpp"

namespace podplay::control {

// Restarts one daemon of a service, or all when `daemon` is empty. Waits until they are ready
// again, at most 30 s.
Status restart_service(Context& context, const Actor& actor, const std::string& service,
                       const std::string& daemon);

}  // namespace podplay::control
