// The metrics of the control plane, and those of all services as one document.
#pragma once

#include <map>
#include <string>

#include "control/context.hpp"

namespace podplay::control {

// Of podplayd: what it counts, the store, the state of the services.
std::string control_metrics(Context& context);
// What each agent of each host gives, by "mail@main", with the label `host` in every sample; an
// agent that is away, or gives none in time, is left out. All are asked at the same time.
std::map<std::string, std::string> agent_metrics(Context& context);
// Both, each family once.
std::string all_metrics(Context& context);

}  // namespace podplay::control
