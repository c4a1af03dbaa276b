// Restarts of daemons by hand.
#pragma once

#include <string>

#include "control/context.hpp"

namespace podplay::control {

Result<std::string> restart_service(Context& context, const Actor& actor,
                                    const std::string& service, const std::string& daemon);

}  // namespace podplay::control
