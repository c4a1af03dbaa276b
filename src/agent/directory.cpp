// SQLite through its C interface: prepared statements, WAL, synchronous NORMAL (a crash of the
// machine may lose the last transactions; seq is in the same file, so that they are fetched again).
#include "agent/directory.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace podplay::agent {
namespace {

constexpr std::size_t kTransactionRows = 500;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailboxes (email TEXT PRIMARY KEY, password TEXT NOT NULL, quota INTEGER NOT NULL,
                                      enabled INTEGER NOT NULL, owner INTEGER NOT NULL DEFAULT 0,
                                      nearly_full INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS routes (address TEXT NOT NULL, target TEXT NOT NULL, own INTEGER NOT NULL,
                                   PRIMARY KEY (address, target)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, revision INTEGER NOT NULL,
                                 complete INTEGER NOT NULL, resync INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS moves (email TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES (1, 0, 0, 0, 0);
)sql";

enum Sql : std::size_t {
  put_domain,
  drop_domain,
  put_mailbox,
  drop_mailbox,
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
  put_full,
  drop_full,
  sql_count
};
constexpr const char* kSql[sql_count] = {
    "INSERT OR IGNORE INTO domains VALUES (?1)",
    "DELETE FROM domains WHERE name = ?1",
    ("INSERT INTO mailboxes (email, password, quota, enabled, owner) VALUES (?1, ?2, ?3, ?4, ?5) "
     "ON CONFLICT (email) DO UPDATE SET password = ?2, quota = ?3, enabled = ?4, owner = ?5"),
    "DELETE FROM mailboxes WHERE email = ?1",
    "INSERT INTO routes VALUES (?1, ?1, 1) ON CONFLICT DO UPDATE SET own = 1 WHERE own = 0",
    "DELETE FROM routes WHERE address = ?1 AND own = 1",
    "INSERT OR IGNORE INTO routes VALUES (?1, ?2, 0)",
    "DELETE FROM routes WHERE address = ?1 AND own = 0",
    "UPDATE meta SET seq = ?1, revision = ?2, complete = ?3, resync = ?4",
    "INSERT OR REPLACE INTO moves VALUES (?1, ?2)",
    "DELETE FROM moves WHERE email = ?1",
    "INSERT OR IGNORE INTO seen VALUES (?1, ?2)",
    "SELECT password, enabled, owner, quota FROM mailboxes WHERE email = ?1",
    "SELECT revision FROM moves WHERE email = ?1",
    "SELECT name FROM domains WHERE name = ?1",
    "UPDATE mailboxes SET nearly_full = 1 WHERE email = ?1 AND nearly_full = 0",
    "UPDATE mailboxes SET nearly_full = 0 WHERE email = ?1 AND nearly_full = 1",
};

// What a complete resync did not name any more.
constexpr const char* kSweep = R"sql(
DELETE FROM domains WHERE name NOT IN (SELECT key FROM seen WHERE kind = 'domain');
DELETE FROM mailboxes WHERE email NOT IN (SELECT key FROM seen WHERE kind = 'mailbox');
DELETE FROM routes WHERE address NOT IN (SELECT key FROM seen WHERE kind = CASE own WHEN 1 THEN 'mailbox' ELSE 'alias' END);
DELETE FROM seen;
)sql";

bool is_damage(int code) { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }

std::unexpected<Error> database_error(sqlite3* database, const std::string& path,
                                      std::string_view attempt) {
  const int code = sqlite3_errcode(database);
  return fail(
      ErrorKind::io, code == SQLITE_FULL ? "disk_full" : "directory",
      fmt::format("cannot {} the directory {}: {}", attempt, path, sqlite3_errmsg(database)),
      code == SQLITE_FULL ? "free some space on this volume"
      : is_damage(code)   ? "the agent makes a new one at its next start"
                          : "check owner, mode and free space of the file and its folder");
}

}  // namespace

class Directory::Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  bool valid() const { return statement_ != nullptr; }

  template <class... Values>
  bool run(const Values&... values) {
    int at = 0;
    (bind(++at, values), ...);
    const int code = sqlite3_step(statement_);
    sqlite3_reset(statement_);
    return code == SQLITE_DONE || code == SQLITE_ROW;
  }

  // The columns of the one row with this key, as texts; none: there is none.
  std::vector<std::string> row(std::string_view key) {
    std::vector<std::string> columns;
    bind(1, key);
    if (sqlite3_step(statement_) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
        columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement_, i)));
      }
    }
    sqlite3_reset(statement_);
    return columns;
  }

 private:
  // The texts outlive run().
  void bind(int at, std::string_view text) {
    sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  template <std::integral N>
  void bind(int at, N value) {
    sqlite3_bind_int64(statement_, at, static_cast<sqlite3_int64>(value));
  }
  sqlite3_stmt* statement_ = nullptr;
};

Directory::Directory(DirectoryOptions options, Files& files, Logger log)
    : options_(std::move(options)), files_(files), log_(std::move(log)) {}

Directory::~Directory() {
  statements_.clear();
  sqlite3_close(database_);
}

Result<std::unique_ptr<Directory>> Directory::open(DirectoryOptions options, Files& files,
                                                   Logger log) {
  std::unique_ptr<Directory> directory(new Directory(std::move(options), files, std::move(log)));
  Status ready = directory->connect();
  if (!ready && ready.error().code == "directory_damaged") {
    directory->log_.error("the directory replica is damaged and is fetched anew",
                          {{"error", ready.error().message}});
    for (const char* suffix : {"", "-wal", "-shm"}) {
      ::unlink((directory->options_.path + suffix).c_str());
    }
    ready = directory->connect();
  }
  if (!ready) {
    return std::unexpected(ready.error());
  }
  return directory;
}

Status Directory::connect() {
  statements_.clear();
  sqlite3_close(database_);
  database_ = nullptr;
  TRY(prepare_folder());
  if (sqlite3_open_v2(options_.path.c_str(), &database_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    return database_error(database_, options_.path, "open");
  }
  sqlite3_busy_timeout(database_, 5000);
  for (const auto step :
       {&Directory::prepare_tables, &Directory::prepare_statements, &Directory::load_state}) {
    if (Status done = (this->*step)(); !done) {
      if (is_damage(sqlite3_errcode(database_))) {
        return fail(ErrorKind::io, "directory_damaged", done.error().message);
      }
      return done;
    }
  }
  TRY(check());
  return put_aside_deleted();
}

// The file exists with its mode before SQLite sees it: -wal and -shm get the same mode and owner
// (sqlite.org/wal.html).
Status Directory::prepare_folder() {
  const std::string folder = std::filesystem::path(options_.path).parent_path().string();
  TRY(files_.make_dirs(folder, 02770));
  if (!files_.exists(options_.path)) {
    TRY(files_.write_atomic(options_.path, "", 0660));
  }
  gid_t group = static_cast<gid_t>(-1);
  if (!options_.group.empty()) {
    const struct group* entry = ::getgrnam(options_.group.c_str());
    if (entry == nullptr) {
      return fail(ErrorKind::io, "group_unknown",
                  fmt::format("there is no group {} to own {}", options_.group, options_.path));
    }
    group = entry->gr_gid;
  }
  for (const std::string& path :
       {folder, options_.path, options_.path + "-wal", options_.path + "-shm"}) {
    const unsigned mode = path == folder ? 02770 : 0660;
    if ((::chown(path.c_str(), static_cast<uid_t>(-1), group) != 0 ||
         ::chmod(path.c_str(), mode) != 0) &&
        errno != ENOENT) {
      return fail(ErrorKind::io, "file",
                  fmt::format("cannot set owner and mode of {}: {}", path, std::strerror(errno)));
    }
  }
  return {};
}

Status Directory::prepare_tables() {
  for (const char* sql :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -256",
        "PRAGMA wal_autocheckpoint = 500", "PRAGMA journal_size_limit = 4194304", kSchema}) {
    TRY(execute(sql));
  }
  return bring_up_to_date();
}

// A file that an older version made. Its last release may serve on for a while (the control plane
// is away): the tables that its look-ups name stay, as views.
Status Directory::bring_up_to_date() {
  struct Step {
    const char* table;
    const char* column;
    // else when it is missing
    bool when_there;
    const char* sql;
  };
  static constexpr Step kSteps[]{
      {"mailboxes", "owner", false,
       "ALTER TABLE mailboxes ADD COLUMN owner INTEGER NOT NULL DEFAULT 0"},
      {"mailboxes", "nearly_full", false,
       "ALTER TABLE mailboxes ADD COLUMN nearly_full INTEGER NOT NULL DEFAULT 0"},
      {"nearly_full", "email", true,
       "UPDATE mailboxes SET nearly_full = 1 WHERE email IN (SELECT email FROM nearly_full); DROP "
       "TABLE nearly_full;"
       "CREATE VIEW nearly_full AS SELECT email FROM mailboxes WHERE nearly_full = 1"},
      {"aliases", "target", true,
       "INSERT INTO routes SELECT email, email, 1 FROM mailboxes; INSERT OR IGNORE INTO routes "
       "SELECT address, target, 0 FROM aliases;"
       "DROP TABLE aliases; CREATE VIEW aliases AS SELECT address, target FROM routes WHERE own = "
       "0"}};
  for (const Step& step : kSteps) {
    const int code = sqlite3_table_column_metadata(database_, nullptr, step.table, step.column,
                                                   nullptr, nullptr, nullptr, nullptr, nullptr);
    if ((code == SQLITE_OK) != step.when_there) {
      continue;
    }
    // What fails is rolled back when the file is closed: connect() wants the code of this error,
    // not of a ROLLBACK.
    if (Status done = execute(fmt::format("BEGIN IMMEDIATE; {}; COMMIT", step.sql).c_str());
        !done) {
      return done;
    }
  }
  return {};
}

Status Directory::prepare_statements() {
  for (const char* sql : kSql) {
    statements_.push_back(std::make_unique<Statement>(database_, sql));
    if (!statements_.back()->valid()) {
      return database_error(database_, options_.path, "prepare for");
    }
  }
  return {};
}

Status Directory::load_state() {
  const auto row = [](void* self, int, char** values, char**) {
    auto& directory = *static_cast<Directory*>(self);
    directory.seq_ = std::strtoull(values[0], nullptr, 10);
    directory.revision_ = std::strtoull(values[1], nullptr, 10);
    directory.complete_ = *values[2] == '1';
    directory.resync_ = *values[3] == '1';
    return 0;
  };
  if (sqlite3_exec(database_, "SELECT seq, revision, complete, resync FROM meta", row, this,
                   nullptr) != SQLITE_OK) {
    return database_error(database_, options_.path, "read");
  }
  return {};
}

Result<Directory::Applied> Directory::apply(const DirectoryBatch& batch) {
  if (batch.seq < seq_) {
    log_.warn(
        "the control plane's directory is older than ours: its store was replaced, fetching all of "
        "it",
        {{"ours", seq_}, {"theirs", batch.seq}});
    TRY(begin_resync());
    return Applied{0, true};
  }
  Applied result;
  std::size_t done = 0;
  do {
    const std::size_t count = std::min(kTransactionRows, batch.rows.size() - done);
    const bool last = done + count == batch.rows.size();
    const std::uint64_t seq = last ? batch.seq : batch.rows[done + count - 1].seq;
    TRY(apply_rows(batch.rows.data() + done, count, seq, last, batch, result));
    done += count;
  } while (done < batch.rows.size());
  result.rows = done;
  // a first sync is rare
  if (done > kTransactionRows) {
    sqlite3_db_release_memory(database_);
  }
  return result;
}

Status Directory::apply_rows(const DirectoryRow* rows, std::size_t count, std::uint64_t seq,
                             bool last, const DirectoryBatch& batch, Applied& applied) {
  const bool completes = last && batch.complete;
  const bool complete = complete_ || completes;
  const Revision revision = completes ? batch.revision : revision_;
  if (count == 0 && seq == seq_ && complete == complete_ && revision == revision_ &&
      !(resync_ && completes)) {
    return {};
  }
  Status done = execute("BEGIN IMMEDIATE");
  for (std::size_t i = 0; done && i < count; ++i) {
    done = apply_row(rows[i], applied);
  }
  if (done && resync_ && completes) {
    done = execute(kSweep);
  }
  const bool resync = resync_ && !completes;
  if (done && !statements_[put_meta]->run(seq, revision, static_cast<int>(complete),
                                          static_cast<int>(resync))) {
    done = database_error(database_, options_.path, "write");
  }
  if (done) {
    done = execute("COMMIT");
  }
  if (!done) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
  }
  seq_ = seq;
  revision_ = revision;
  complete_ = complete;
  resync_ = resync;
  return {};
}

// The same address with another owner is another mailbox: nobody gets the mail of who had it before
// him. What cannot be put aside stops the row, and is said.
Status Directory::make_room(const DirectoryRow& row, Applied& applied) {
  if (const auto waiting = statements_[get_move]->row(row.key); !waiting.empty()) {
    TRY(put_aside(row.key, waiting[0]));
    if (!statements_[drop_move]->run(row.key)) {
      return database_error(database_, options_.path, "write");
    }
  }
  const auto before = statements_[get_mailbox]->row(row.key);
  if (before.empty()) {
    return {};
  }
  const bool another =
      !resync_ && before[2] != "0" && row.owner != 0 && before[2] != std::to_string(row.owner);
  if (another || before[0] != row.password_hash || (before[1] == "1" && !row.enabled)) {
    applied.ended.push_back(row.key);
  }
  // Less room than before: whether it is nearly full is Dovecot's to say, with the next message.
  const std::int64_t quota = std::strtoll(before[3].c_str(), nullptr, 10);
  const bool less = !another && row.quota > 0 && (quota == 0 || row.quota < quota);
  if ((less || another) && !statements_[less ? put_full : drop_full]->run(row.key)) {
    return database_error(database_, options_.path, "write");
  }
  return another ? put_aside(row.key, std::to_string(row.revision)) : Status{};
}

Status Directory::apply_row(const DirectoryRow& row, Applied& applied) {
  const bool there = !row.deleted && row.enabled;
  bool done = true;
  if (resync_ && !row.deleted) {
    done = statements_[put_seen]->run(to_text(row.kind), row.key);
  }
  switch (row.kind) {
    case DirectoryKind::domain:
      done = done && statements_[there ? put_domain : drop_domain]->run(row.key);
      break;
    case DirectoryKind::mailbox:
      if (row.deleted) {
        done = done && statements_[drop_mailbox]->run(row.key) &&
               statements_[drop_own]->run(row.key) &&
               statements_[put_move]->run(row.key, row.revision);
        applied.ended.push_back(row.key);
      } else {
        TRY(make_room(row, applied));
        done = done &&
               statements_[put_mailbox]->run(row.key, row.password_hash, row.quota,
                                             static_cast<int>(row.enabled), row.owner) &&
               statements_[put_own]->run(row.key);
      }
      break;
    case DirectoryKind::alias:
      done = done && statements_[drop_alias]->run(row.key);
      if (there) {
        for (const std::string& target : row.targets) {
          done = done && statements_[put_alias]->run(row.key, target);
        }
      }
      break;
  }
  if (!done) {
    return database_error(database_, options_.path, "write");
  }
  return {};
}

Status Directory::begin_resync() {
  if (Status cleared = execute("BEGIN IMMEDIATE; DELETE FROM seen; UPDATE meta SET seq = 0, "
                               "revision = 0, resync = 1; COMMIT");
      !cleared) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    return cleared;
  }
  seq_ = 0;
  revision_ = 0;
  resync_ = true;
  return {};
}

// From a table of its own, so that a crash after the commit loses nothing. What cannot be moved
// does not hold up the directory.
Status Directory::put_aside_deleted() {
  std::vector<std::pair<std::string, std::string>> moves;
  const auto row = [](void* into, int, char** values, char**) {
    static_cast<decltype(moves)*>(into)->emplace_back(values[0], values[1]);
    return 0;
  };
  if (sqlite3_exec(database_, "SELECT email, revision FROM moves", row, &moves, nullptr) !=
      SQLITE_OK) {
    return database_error(database_, options_.path, "read");
  }
  for (const auto& [email, revision] : moves) {
    if (Status moved = put_aside(email, revision); !moved) {
      log_.error("mail of a deleted mailbox cannot be put aside",
                 {{"mailbox", email}, {"error", moved.error().message}});
    } else if (!statements_[drop_move]->run(email)) {
      return database_error(database_, options_.path, "write");
    }
  }
  return {};
}

Status Directory::put_aside(const std::string& email, const std::string& revision) {
  const std::string from = fmt::format("{}/{}", options_.users, email);
  const std::string to = fmt::format("{}/{}-{}", options_.deleted, email, revision);
  if (email.find('/') != email.npos || !files_.exists(from)) {
    return {};
  }
  TRY(files_.make_dirs(options_.deleted, 0750));
  TRY(files_.rename(from, to));
  log_.info("mail of a deleted mailbox put aside", {{"mailbox", email}, {"folder", to}});
  return {};
}

Status Directory::mark_nearly_full(const std::string& path, const std::string& email, bool full) {
  sqlite3* database = nullptr;
  Status done;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
    done = database_error(database, path, "open");
  }
  sqlite3_busy_timeout(database, 5000);
  if (done) {
    Statement mark(database, kSql[full ? put_full : drop_full]);
    if (!mark.valid() || !mark.run(email)) {
      done = database_error(database, path, "write");
    }
  }
  sqlite3_close(database);
  return done;
}

Status Directory::check() const {
  sqlite3* database = nullptr;
  std::string words;
  const auto row = [](void* into, int, char** values, char**) {
    *static_cast<std::string*>(into) = values[0];
    return 0;
  };
  int code = sqlite3_open_v2(options_.path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_busy_timeout(database, 5000);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(database, "PRAGMA quick_check(1)", row, &words, nullptr);
  }
  if (is_damage(code)) {
    words = sqlite3_errmsg(database);
  }
  sqlite3_close(database);
  if (words == "ok" || (code != SQLITE_OK && !is_damage(code))) {
    return {};
  }
  return fail(
      ErrorKind::io, "directory_damaged",
      fmt::format("the directory {} is damaged: {}", options_.path, words),
      "the agent starts anew and fetches it; look at the disk: the kernel's log (dmesg), smartctl");
}

bool Directory::has_domain(const std::string& domain) {
  return !statements_[get_domain]->row(domain).empty();
}

Status Directory::execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return database_error(database_, options_.path, "write");
  }
  return {};
}

}  // namespace podplay::agent
