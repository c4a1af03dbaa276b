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
// generated, in order
std::span<const Migration> all_migrations();

// Applies what is missing, each in a transaction of its own. A store that is newer than this
// program is refused.
void migrate(soci::session& sql, bool sqlite, const Logger& log);

}  // namespace podplay::store
