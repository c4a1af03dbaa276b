// The journal is WAL, so that readers never wait, and synchronous is NORMAL: a crash of the machine
// may lose the last transactions, but the sequence is in the same file, so those rows are fetched
// again.
#include "agent/replica/schema.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kSchema = R"sql(
-- The domains that accept mail, and those of ours that do not.
CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS disabled_domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailboxes (
  email TEXT PRIMARY KEY,
  password TEXT NOT NULL,
  quota INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  nearly_full INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mailboxes_nearly_full ON mailboxes (email) WHERE nearly_full <> 0;
-- Passwords of mail programs. `protocols` is " imap smtp ", so that each is found between blanks.
CREATE TABLE IF NOT EXISTS app_passwords (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  owner INTEGER NOT NULL,
  hash TEXT NOT NULL,
  protocols TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS app_passwords_by_hash ON app_passwords (hash);
CREATE TABLE IF NOT EXISTS routes (
  address TEXT NOT NULL,
  target TEXT NOT NULL,
  own INTEGER NOT NULL,
  PRIMARY KEY (address, target)) WITHOUT ROWID;
-- Which history this replica follows, and how far (model/feed.hpp).
CREATE TABLE IF NOT EXISTS meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  generation TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  mark_revision INTEGER NOT NULL,
  mark_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  resync INTEGER NOT NULL);
-- The certificate of a name that TLS clients ask for.
CREATE TABLE IF NOT EXISTS sni (
  name TEXT PRIMARY KEY,
  certificate TEXT NOT NULL,
  version TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sni_by_certificate ON sni (certificate);
CREATE TABLE IF NOT EXISTS moves (
  email TEXT PRIMARY KEY,
  revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
-- What daemons are told row by row. `served` is the content that a daemon was seen to serve, empty:
-- none; a deleted row stays until the daemon no longer serves it. `reason` is why it is set aside;
-- `daemon` says who refused it, also while it is tried again.
CREATE TABLE IF NOT EXISTS rows (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  content TEXT NOT NULL,
  served TEXT NOT NULL DEFAULT '',
  proven INTEGER NOT NULL DEFAULT 0,
  daemon TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_to_prove ON rows (seq) WHERE proven = 0;
CREATE INDEX IF NOT EXISTS rows_set_aside ON rows (seq) WHERE reason <> '';
INSERT OR IGNORE INTO meta VALUES (1, '', '', 0, 0, 0, 0, 0, 0);
)sql";

constexpr const char* kPragmas[]{
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -256",
    "PRAGMA wal_autocheckpoint = 500",
    "PRAGMA journal_size_limit = 4194304",
};

// A file of an earlier version lacks what was not kept then. With the sequence 0 every row comes
// again; until then the rows that are there stay in use.
constexpr std::string_view kVersion = "1";
constexpr const char* kFillAgain =
    "BEGIN; UPDATE meta SET seq = 0; PRAGMA user_version = 1; COMMIT";

}  // namespace

const char* const kSweep = R"sql(
DELETE FROM domains WHERE name NOT IN (SELECT key FROM seen WHERE kind = 'domain');
DELETE FROM disabled_domains WHERE name NOT IN (SELECT key FROM seen WHERE kind = 'domain');
DELETE FROM mailboxes WHERE email NOT IN (SELECT key FROM seen WHERE kind = 'mailbox');
DELETE FROM app_passwords WHERE id NOT IN (SELECT key FROM seen WHERE kind = 'app_password');
DELETE FROM routes WHERE address NOT IN (
  SELECT key FROM seen WHERE kind = CASE own WHEN 1 THEN 'mailbox' ELSE 'alias' END);
DELETE FROM sni WHERE certificate NOT IN (SELECT key FROM seen WHERE kind = 'certificate');
UPDATE rows SET deleted = 1, content = '', proven = 0, reason = '', daemon = ''
  WHERE deleted = 0 AND (kind, key) NOT IN (SELECT kind, key FROM seen);
DELETE FROM seen;
)sql";

const char* sql_of(Sql sql) {
  switch (sql) {
    case Sql::put_domain: return "INSERT OR IGNORE INTO domains VALUES (?1)";
    case Sql::drop_domain: return "DELETE FROM domains WHERE name = ?1";
    case Sql::put_disabled_domain: return "INSERT OR IGNORE INTO disabled_domains VALUES (?1)";
    case Sql::drop_disabled_domain: return "DELETE FROM disabled_domains WHERE name = ?1";
    case Sql::put_mailbox:
      return "INSERT INTO mailboxes (email, password, quota, enabled, owner) "
             "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (email) "
             "DO UPDATE SET password = ?2, quota = ?3, enabled = ?4, owner = ?5";
    case Sql::drop_mailbox: return "DELETE FROM mailboxes WHERE email = ?1";
    case Sql::put_app_password:
      return "INSERT OR REPLACE INTO app_passwords VALUES (?1, ?2, ?3, ?4, ?5)";
    case Sql::drop_app_password: return "DELETE FROM app_passwords WHERE id = ?1";
    case Sql::get_app_password:
      return "SELECT email, owner, hash, protocols FROM app_passwords WHERE id = ?1";
    case Sql::get_swept_app_passwords:
      return "SELECT id, email FROM app_passwords WHERE id NOT IN "
             "(SELECT key FROM seen WHERE kind = 'app_password')";
    case Sql::put_own:
      return "INSERT INTO routes VALUES (?1, ?1, 1) "
             "ON CONFLICT DO UPDATE SET own = 1 WHERE own = 0";
    case Sql::drop_own: return "DELETE FROM routes WHERE address = ?1 AND own = 1";
    case Sql::put_alias: return "INSERT OR IGNORE INTO routes VALUES (?1, ?2, 0)";
    case Sql::drop_alias: return "DELETE FROM routes WHERE address = ?1 AND own = 0";
    case Sql::put_meta:
      return "UPDATE meta SET generation = ?1, epoch = ?2, seq = ?3, mark_revision = ?4, "
             "mark_id = ?5, revision = ?6, complete = ?7, resync = ?8";
    case Sql::put_move: return "INSERT OR REPLACE INTO moves VALUES (?1, ?2)";
    case Sql::drop_move: return "DELETE FROM moves WHERE email = ?1";
    case Sql::put_seen: return "INSERT OR IGNORE INTO seen VALUES (?1, ?2)";
    case Sql::get_mailbox: return "SELECT password, enabled, quota FROM mailboxes WHERE email = ?1";
    case Sql::get_move: return "SELECT revision FROM moves WHERE email = ?1";
    case Sql::get_domain: return "SELECT name FROM domains WHERE name = ?1";
    // As in the passdb of dovecot.conf.
    case Sql::get_login:
      return "SELECT email FROM mailboxes WHERE email = ?1 AND enabled = 1 AND EXISTS "
             "(SELECT 1 FROM domains WHERE name = ?2)";
    case Sql::put_full:
      return "UPDATE mailboxes SET nearly_full = 1 WHERE email = ?1 AND nearly_full = 0";
    case Sql::drop_full:
      return "UPDATE mailboxes SET nearly_full = 0 WHERE email = ?1 AND nearly_full = 1";
    case Sql::put_sni: return "INSERT OR REPLACE INTO sni VALUES (?1, ?2, ?3)";
    case Sql::drop_sni: return "DELETE FROM sni WHERE certificate = ?1";
    // When the same content comes again, as in a resync, a proven row stays proven.
    case Sql::put_row:
      return "INSERT INTO rows (kind, key, seq, revision, deleted, content) "
             "VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT (kind, key) DO UPDATE SET seq = ?3, "
             "revision = ?4, deleted = 0, content = ?5, proven = (proven AND content = ?5), "
             "daemon = '', reason = ''";
    case Sql::drop_row: return "DELETE FROM rows WHERE kind = ?1 AND key = ?2";
    case Sql::delete_row:
      return "INSERT INTO rows (kind, key, seq, revision, deleted, content) "
             "VALUES (?1, ?2, ?3, ?4, 1, '') ON CONFLICT (kind, key) DO UPDATE SET seq = ?3, "
             "revision = ?4, deleted = 1, content = '', proven = 0, daemon = '', reason = ''";
    case Sql::get_unproven:
      return "SELECT kind, key, seq, revision, deleted, content FROM rows "
             "WHERE proven = 0 AND reason = '' AND kind <> 'rrset' AND (kind = 'challenge') = ?2 "
             "ORDER BY seq LIMIT ?1";
    case Sql::get_changed:
      return "SELECT kind, key, seq, revision, deleted, content FROM rows "
             "WHERE proven = 0 AND reason = '' AND daemon = '' AND kind <> 'rrset' AND "
             "(kind = 'challenge') = ?3 AND (revision > ?1 OR deleted = 1 OR served <> content) "
             "ORDER BY seq LIMIT ?2";
    case Sql::get_rows:
      return "SELECT kind, key, seq, revision, deleted, content, served FROM rows "
             "WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key";
    case Sql::get_some:
      return "SELECT kind, key, seq, revision, deleted, content FROM rows "
             "WHERE kind = ?1 AND key > ?2 AND deleted = 0 AND proven = 1 ORDER BY key LIMIT ?3";
    case Sql::row_served:
      return "UPDATE rows SET served = content, proven = 1, daemon = '' "
             "WHERE kind = ?1 AND key = ?2 AND seq = ?3 AND deleted = 0";
    case Sql::row_gone:
      return "DELETE FROM rows WHERE kind = ?1 AND key = ?2 AND seq = ?3 AND deleted = 1";
    case Sql::rrsets_served:
      return "UPDATE rows SET served = content, proven = 1 WHERE kind = 'rrset' AND key >= ?1 AND "
             "key < ?2 AND seq < ?3 AND deleted = 0";
    case Sql::rrsets_gone:
      return "DELETE FROM rows WHERE kind = 'rrset' AND key >= ?1 AND key < ?2 AND seq < ?3 AND "
             "deleted = 1";
    case Sql::drop_rrsets:
      return "DELETE FROM rows WHERE kind = 'rrset' AND key >= ?1 AND key < ?2";
    // What was served before comes back when a certificate or a site is refused, so it is kept.
    case Sql::row_doubted:
      return "UPDATE rows SET proven = 0, "
             "served = CASE WHEN kind IN ('certificate', 'site') THEN served ELSE '' END "
             "WHERE kind = ?1 AND key = ?2 AND seq = ?3";
    case Sql::row_set_aside:
      return "UPDATE rows SET daemon = ?4, reason = ?5 WHERE kind = ?1 AND key = ?2 AND seq = ?3";
    case Sql::get_served:
      return "SELECT served, served = content FROM rows WHERE kind = ?1 AND key = ?2";
    case Sql::get_set_aside:
      return "SELECT kind, key, revision, daemon, reason FROM rows WHERE reason <> '' "
             "ORDER BY seq LIMIT ?1";
    case Sql::count_set_aside: break;
  }
  return "SELECT COUNT(*) FROM rows WHERE reason <> ''";
}

Status prepare_tables(Database& database) {
  for (const char* pragma : kPragmas) {
    TRY(database.execute(pragma));
  }
  TRY(database.execute(kSchema));
  std::string version;
  TRY(database.query("PRAGMA user_version", [&](char** row) { version = row[0]; }));
  return version == kVersion ? Status{} : database.execute(kFillAgain);
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
