// The history of health: what changed, and why. HealthWatch writes it.
#pragma once

#include <vector>

#include "control/context.hpp"
#include "control/jobs/kinds.hpp"
#include "model/health.hpp"
#include "store/health_changes.hpp"

namespace podplay::control {

// Newest first, below the id `before`; 0: from the newest. An Error when the service is unknown.
Result<std::vector<HealthChange>> list_health_history(Context& context,
                                                      const store::HealthChangeFilter& filter,
                                                      std::int64_t before, std::int64_t limit);
Status add_health_changes(Context& context, const std::vector<HealthChange>& changes);

}  // namespace podplay::control
