// Numbered migrations, built into the program from src/store/migrations/NNN_name.sql.
#pragma once

#include <soci/soci.h>

#include <span>
#include <string_view>

#include "base/log.hpp"

namespace podplay::store {

struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
};
// Generated while building, in order.
std::span<const Migration> all_migrations();

// Applies the missing migrations, each in a transaction of its own. Throws when the store is newer
// than this program.
void migrate(soci::session& sql, bool sqlite, const Logger& log);

}  // namespace podplay::store
