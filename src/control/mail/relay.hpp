// The login at the relay, for Postfix.
#pragma once

#include "control/context.hpp"

namespace podplay::control {

// In the init container: writes the relay's login into the volume that only mail's container reads,
// or removes an earlier one.
Status prepare_relay(Context& context);

}  // namespace podplay::control
