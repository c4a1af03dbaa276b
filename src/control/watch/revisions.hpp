// The outcome of revisions: pending, applied or refused, for each service.
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
  // Where it was refused.
  std::string stage;
  // The daemon that refused it.
  std::string daemon;
  // The daemon's own words.
  std::string message;
};

struct RevisionOutcome {
  store::RevisionRow revision;
  // Refused when one service refused, applied when all applied, else pending.
  ApplyState state = ApplyState::pending;
  std::vector<ServiceOutcome> services;
};

// Waits at most `longest` until every service that it concerns has settled the revision. Users who
// are not administrators see only their own.
Result<RevisionOutcome> get_revision(Context& context, const Actor& actor, Revision id,
                                     std::chrono::milliseconds longest);
// Newest first, below `before`; 0: from the newest.
Result<std::vector<RevisionOutcome>> list_revisions(Context& context, Revision before,
                                                    std::int64_t limit);

// At start: tells the hub what the store knows of services and revisions.
Status recall_revisions(Context& context);

}  // namespace podplay::control
