// Settings in the store: those of the environment, adopted as a revision when they differ from the
// last ones.
#pragma once

#include "control/context.hpp"

namespace podplay::control {

// At start, before the agents are served. Touches every domain, so that zone serials grow.
Status adopt_settings(Context& context);

}  // namespace podplay::control
