// The levels of an agent's logs. At first they are as its environment says; each snapshot brings
// those that the control plane wants.
#pragma once

#include "base/log.hpp"
#include "model/snapshot.hpp"

namespace podplay::agent {

// For any thread: copies share their levels.
struct AgentLevels {
  // Daemons' lines below this level are dropped.
  SharedLevel daemons = share_level(Level::info);
  // Of the agent's own log.
  SharedLevel own = share_level(Level::info);

  // Takes over the levels of a snapshot. One that names no known level changes nothing.
  void use(const Snapshot& snapshot) const;
};

}  // namespace podplay::agent
