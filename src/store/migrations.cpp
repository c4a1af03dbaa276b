// Applies every migration that the store does not name yet, in order. Each one is a transaction, so
// a crash leaves the store at one migration or the next.
#include "store/migrations.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

namespace podplay::store {
namespace {

// Statements end with ";\n"; SOCI runs one at a time. Lines that begin with -- are comments.
void run_statements(soci::session& sql, std::string_view text) {
  std::string statement;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with("--") || line.empty()) {
      continue;
    }
    statement += line;
    statement += '\n';
    if (!line.ends_with(';')) {
      continue;
    }
    sql << statement;
    statement.clear();
  }
}

}  // namespace

void migrate(soci::session& sql, bool sqlite, const Logger& log) {
  sql << "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)";
  std::set<long long> done;
  for (const soci::row& row :
       soci::rowset<soci::row>(sql.prepare << "SELECT number FROM migrations")) {
    done.insert(row.get<long long>(0));
  }
  const auto migrations = all_migrations();
  if (!done.empty() && *done.rbegin() > migrations.back().number) {
    throw std::runtime_error(
        fmt::format("it was written by a newer PodPlay (migration {}, this program knows up to "
                    "{}): run that version",
                    *done.rbegin(), migrations.back().number));
  }
  for (const Migration& migration : migrations) {
    if (done.contains(migration.number)) {
      continue;
    }
    sql << (sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    run_statements(sql, migration.sql);
    const long long number = migration.number;
    const std::string name(migration.name);
    sql << "INSERT INTO migrations (number, name) VALUES (:number, :name)", soci::use(number),
        soci::use(name);
    sql << "COMMIT";
    log.info("migrated the store", {{"number", migration.number}, {"name", name}});
  }
}

}  // namespace podplay::store
