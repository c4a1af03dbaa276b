// Settings in the store: those of the environment, adopted as a revision when they differ from the
// last ones.
#pragma once

#include "control/context.hpp"

namespace podplay::control {

// Call it at start, before the agents are served. A zone whose records change with the settings
// gets a higher serial.
Status adopt_settings(Context& context);

}  // namespace podplay::control
