// What mail for others needs that no setting can give.
#pragma once

#include <string>

#include "model/settings.hpp"

namespace podplay::pod {

// For the person who starts the pod; empty when there is nothing to do.
std::string outbound_hint(const Settings& settings);

}  // namespace podplay::pod
