// The tables of a replica, and the statements that the agent runs on them.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "agent/replica/statements.hpp"

namespace podplay::agent {

// Journal, limits and tables.
Status prepare_tables(Database& database);

// Deletes the rows that a whole resync did not name; those that daemons are told are marked as
// deleted.
extern const char* const kSweep;

// The prepared statements; ?1, ?2 ... are in the order of the SQL in schema.cpp.
enum class Sql : std::size_t {
  put_domain,
  drop_domain,
  put_disabled_domain,
  drop_disabled_domain,
  put_mailbox,
  drop_mailbox,
  put_app_password,
  drop_app_password,
  get_app_password,
  get_swept_app_passwords,
  put_own,
  drop_own,
  put_alias,
  drop_alias,
  put_meta,
  put_move,
  drop_move,
  put_seen,
  get_mailbox,
  get_move,
  get_domain,
  get_login,
  put_full,
  drop_full,
  put_sni,
  drop_sni,
  put_row,
  drop_row,
  delete_row,
  get_unproven,
  get_changed,
  get_rows,
  get_some,
  row_served,
  row_gone,
  rrsets_served,
  rrsets_gone,
  drop_rrsets,
  row_doubted,
  row_set_aside,
  get_served,
  get_set_aside,
  count_set_aside,
};
constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::count_set_aside) + 1;
const char* sql_of(Sql sql);

// Must not outlive its Database.
class Statements {
 public:
  Status prepare(Database& database);
  void clear();
  Statement& operator[](Sql sql) { return *all_[static_cast<std::size_t>(sql)]; }

 private:
  std::array<std::unique_ptr<Statement>, kSqlCount> all_;
};

}  // namespace podplay::agent
