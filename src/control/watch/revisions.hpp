// What became of revisions.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "store/revisions.hpp"

namespace podplay::control {

struct ServiceOutcome {
  AgentName agent;
  ApplyState state = ApplyState::pending;
  // where it was refused
  std::string stage;
  // who refused it
  std::string daemon;
  // its own words
  std::string message;
};

struct RevisionOutcome {
  store::RevisionRow revision;
  // refused when one service refused, applied when all applied
  ApplyState state = ApplyState::pending;
  std::vector<ServiceOutcome> services;
};

// Waits at most `longest` until every concerned service has settled it. Who is no administrator
// sees only his own.
Result<RevisionOutcome> get_revision(Context& context, const Actor& actor, Revision id,
                                     std::chrono::milliseconds longest);
Result<std::vector<RevisionOutcome>> list_revisions(Context& context, Revision before,
                                                    std::int64_t limit);

// At start: tells the hub what the store knows of services and revisions.
Status recall_revisions(Context& context);

}  // namespace podplay::control
