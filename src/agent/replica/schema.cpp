// WAL, so that readers never wait, and synchronous NORMAL: a crash of the machine may lose the last
// transactions, but the sequence is in the same file, so those rows are fetched again.
#include "agent/replica/schema.hpp"

#include <fmt/format.h>

namespace podplay::agent {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailboxes (
  email TEXT PRIMARY KEY,
  password TEXT NOT NULL,
  quota INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  owner INTEGER NOT NULL DEFAULT 0,
  nearly_full INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS routes (
  address TEXT NOT NULL,
  target TEXT NOT NULL,
  own INTEGER NOT NULL,
  PRIMARY KEY (address, target)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  resync INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS moves (
  email TEXT PRIMARY KEY,
  revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES (1, 0, 0, 0, 0);
)sql";

constexpr const char* kPragmas[]{
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -256",
    "PRAGMA wal_autocheckpoint = 500",
    "PRAGMA journal_size_limit = 4194304",
};

// A file that an older version made. Its last release may serve on for a while (the control plane
// is away): the tables that its look-ups name stay, as views.
Status bring_up_to_date(Database& database) {
  struct Step {
    const char* table;
    const char* column;
    // The step is due when the column is there; else when it is missing.
    bool when_there;
    const char* sql;
  };
  static constexpr Step kSteps[]{
      {.table = "mailboxes",
       .column = "owner",
       .when_there = false,
       .sql = "ALTER TABLE mailboxes ADD COLUMN owner INTEGER NOT NULL DEFAULT 0"},
      {.table = "mailboxes",
       .column = "nearly_full",
       .when_there = false,
       .sql = "ALTER TABLE mailboxes ADD COLUMN nearly_full INTEGER NOT NULL DEFAULT 0"},
      {.table = "nearly_full",
       .column = "email",
       .when_there = true,
       .sql = "UPDATE mailboxes SET nearly_full = 1 WHERE email IN (SELECT email FROM nearly_full);"
              "DROP TABLE nearly_full;"
              "CREATE VIEW nearly_full AS SELECT email FROM mailboxes WHERE nearly_full = 1"},
      {.table = "aliases",
       .column = "target",
       .when_there = true,
       .sql = "INSERT INTO routes SELECT email, email, 1 FROM mailboxes;"
              "INSERT OR IGNORE INTO routes SELECT address, target, 0 FROM aliases;"
              "DROP TABLE aliases;"
              "CREATE VIEW aliases AS SELECT address, target FROM routes WHERE own = 0"},
  };
  for (const Step& step : kSteps) {
    if (database.has_column(step.table, step.column) != step.when_there) {
      continue;
    }
    // What fails is rolled back when the file is closed: the caller wants the code of this error,
    // not of a ROLLBACK.
    TRY(database.execute(fmt::format("BEGIN IMMEDIATE; {}; COMMIT", step.sql).c_str()));
  }
  return {};
}

}  // namespace

const char* const kSweep = R"sql(
DELETE FROM domains WHERE name NOT IN (SELECT key FROM seen WHERE kind = 'domain');
DELETE FROM mailboxes WHERE email NOT IN (SELECT key FROM seen WHERE kind = 'mailbox');
DELETE FROM routes WHERE address NOT IN (
  SELECT key FROM seen WHERE kind = CASE own WHEN 1 THEN 'mailbox' ELSE 'alias' END);
DELETE FROM seen;
)sql";

const char* sql_of(Sql sql) {
  switch (sql) {
    case Sql::put_domain: return "INSERT OR IGNORE INTO domains VALUES (?1)";
    case Sql::drop_domain: return "DELETE FROM domains WHERE name = ?1";
    case Sql::put_mailbox:
      return "INSERT INTO mailboxes (email, password, quota, enabled, owner) "
             "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (email) "
             "DO UPDATE SET password = ?2, quota = ?3, enabled = ?4, owner = ?5";
    case Sql::drop_mailbox: return "DELETE FROM mailboxes WHERE email = ?1";
    case Sql::put_own:
      return "INSERT INTO routes VALUES (?1, ?1, 1) "
             "ON CONFLICT DO UPDATE SET own = 1 WHERE own = 0";
    case Sql::drop_own: return "DELETE FROM routes WHERE address = ?1 AND own = 1";
    case Sql::put_alias: return "INSERT OR IGNORE INTO routes VALUES (?1, ?2, 0)";
    case Sql::drop_alias: return "DELETE FROM routes WHERE address = ?1 AND own = 0";
    case Sql::put_meta:
      return "UPDATE meta SET seq = ?1, revision = ?2, complete = ?3, resync = ?4";
    case Sql::put_move: return "INSERT OR REPLACE INTO moves VALUES (?1, ?2)";
    case Sql::drop_move: return "DELETE FROM moves WHERE email = ?1";
    case Sql::put_seen: return "INSERT OR IGNORE INTO seen VALUES (?1, ?2)";
    case Sql::get_mailbox:
      return "SELECT password, enabled, owner, quota FROM mailboxes WHERE email = ?1";
    case Sql::get_move: return "SELECT revision FROM moves WHERE email = ?1";
    case Sql::get_domain: return "SELECT name FROM domains WHERE name = ?1";
    case Sql::put_full:
      return "UPDATE mailboxes SET nearly_full = 1 WHERE email = ?1 AND nearly_full = 0";
    case Sql::drop_full: break;
  }
  return "UPDATE mailboxes SET nearly_full = 0 WHERE email = ?1 AND nearly_full = 1";
}

Status prepare_tables(Database& database) {
  for (const char* pragma : kPragmas) {
    TRY(database.execute(pragma));
  }
  TRY(database.execute(kSchema));
  return bring_up_to_date(database);
}

Status Statements::prepare(Database& database) {
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    all_[i] = std::make_unique<Statement>(database, sql_of(static_cast<Sql>(i)));
    if (!all_[i]->valid()) {
      return database.error("prepare for");
    }
  }
  return {};
}

void Statements::clear() { all_ = {}; }

}  // namespace podplay::agent
