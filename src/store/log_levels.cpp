// A component has one row at most: a new change replaces the one before. A level that is not known
// counts as INFO.
#include "store/log_levels.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kLevelColumns = "component, level, until";

}  // namespace

std::vector<LevelChange> level_changes(Session& session) {
  std::vector<LevelChange> changes;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kLevelColumns
                               << " FROM log_levels ORDER BY component");
  for (const soci::row& row : rows) {
    const auto level = parse_level(row.get<std::string>(1));
    changes.push_back({.component = row.get<std::string>(0),
                       .level = level.value_or(Level::info),
                       .until = from_millis(row.get<long long>(2))});
  }
  return changes;
}

void put_level_change(Transaction& transaction, const LevelChange& change) {
  delete_level_change(transaction, change.component);
  const std::string level(level_name(change.level));
  const std::int64_t until = to_millis(change.until);
  sql_of(transaction.session()) << "INSERT INTO log_levels (" << kLevelColumns
                                << ") VALUES (:component, :level, :until)",
      soci::use(change.component), soci::use(level), soci::use(until);
}

void delete_level_change(Transaction& transaction, const std::string& component) {
  sql_of(transaction.session()) << "DELETE FROM log_levels WHERE component = :component",
      soci::use(component);
}

}  // namespace podplay::store
