// The control plane's checks of itself, and of what only it can compare: clocks, and how far the
// agents are behind.
#pragma once

#include <chrono>
#include <map>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "model/health.hpp"

namespace podplay::control {

// One question of the control plane. Bounded in time; never throws for what it finds.
struct ControlQuestion {
  std::string_view name;
  std::chrono::seconds interval;
  std::function<std::vector<ServiceCheck>(Context&)> ask;
};

std::vector<ControlQuestion> control_questions();

}  // namespace podplay::control
