// Levels of logs that differ from their settings for a while.
#pragma once

#include <string>
#include <vector>

#include "model/log_level.hpp"
#include "store/store.hpp"

namespace podplay::store {

// By component, also those whose time has passed.
std::vector<LevelChange> level_changes(Session& session);
// Replaces the one of the same component.
void put_level_change(Transaction& transaction, const LevelChange& change);
void delete_level_change(Transaction& transaction, const std::string& component);

}  // namespace podplay::store
