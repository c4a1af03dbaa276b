// The history of health: what changed, when and why.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "model/check.hpp"

namespace podplay {

// A check of the control plane, about one of the services or about itself ("control").
struct ServiceCheck {
  std::string service;
  HealthCheck check{};
};

struct HealthChange {
  std::int64_t id = 0;
  WallTime at{};
  // "apache", "bind", "mail" or "control".
  std::string service;
  std::string host;
  // "state", "check", or the kind of a SelfRepair.
  std::string kind;
  // The check, the daemon, or what else changed; empty for a state.
  std::string subject;
  // The state or result before and after; empty for a repair.
  std::string before;
  std::string after;
  // One sentence.
  std::string cause;
};

}  // namespace podplay
