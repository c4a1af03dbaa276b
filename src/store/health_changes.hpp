// The history of health in the store (model/health.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/health.hpp"
#include "store/store.hpp"

namespace podplay::store {

struct HealthChangeFilter {
  // Empty: all of them.
  std::string service{};
  std::string host{};
  // Only from this time on; 1970: all.
  WallTime since{};
};

// Takes the number of `change` from the store.
void insert_health_change(Transaction& transaction, const HealthChange& change);
// Newest first, below the id `before`; 0: from the newest.
std::vector<HealthChange> list_health_changes(Session& session, const HealthChangeFilter& filter,
                                              std::int64_t before, std::int64_t limit);
// Deletes at most `limit` from before `time`. Returns how many were deleted.
std::int64_t delete_health_changes(Transaction& transaction, WallTime time, std::int64_t limit);

}  // namespace podplay::store
