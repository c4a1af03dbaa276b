// An owner is only ever replaced, never forgotten: the folder of a deleted mailbox may still be
// where it was.
#include "agent/replica/owners.hpp"

#include <filesystem>

#include "agent/replica/check.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kOwnersSchema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;"
    "CREATE TABLE IF NOT EXISTS owners (email TEXT PRIMARY KEY, owner INTEGER NOT NULL) "
    "WITHOUT ROWID;";

// A mailbox that is held back has another owner in the replica until its folder is put aside. Its
// folder belongs to nobody who could get it.
constexpr const char* kAdopt =
    "INSERT OR IGNORE INTO owners SELECT email, CASE WHEN enabled = 0 AND email IN "
    "(SELECT key FROM replica.rows WHERE kind = 'mailbox') THEN -1 ELSE owner END "
    "FROM replica.mailboxes WHERE owner <> 0";
constexpr const char* kCompare =
    "SELECT COALESCE(SUM(o.owner IS NULL), 0), "
    "COALESCE(SUM(o.owner <> 0 AND o.owner <> m.owner AND m.enabled = 1), 0) "
    "FROM replica.mailboxes m LEFT JOIN owners o ON o.email = m.email WHERE m.owner <> 0";
// With the sequence 0 all rows come again, and each is compared when it is applied.
constexpr const char* kCloseOthers =
    "BEGIN IMMEDIATE; UPDATE replica.mailboxes SET enabled = 0 WHERE owner <> 0 AND EXISTS "
    "(SELECT 1 FROM owners o WHERE o.email = mailboxes.email AND o.owner <> 0 "
    "AND o.owner <> mailboxes.owner); UPDATE replica.meta SET seq = 0; COMMIT";

}  // namespace

Owners::Owners(std::string path) : database_(std::move(path)) {}

Status Owners::open(Files& files, const Logger& log) {
  Status ready = connect(files);
  if (ready || ready.error().code != kDirectoryDamaged) {
    return ready;
  }
  const std::string& path = database_.path();
  log.error("the file of mailboxes' owners is damaged and is made again from the directory",
            {{"error", ready.error().message}, {"kept", path + ".damaged"}});
  find_.reset();
  put_.reset();
  database_.close();
  TRY(files.rename(path, path + ".damaged"));
  for (const char* suffix : {"-wal", "-shm"}) {
    TRY(files.remove_tree(path + suffix));
  }
  return connect(files);
}

Status Owners::connect(Files& files) {
  find_.reset();
  put_.reset();
  database_.close();
  const std::string& path = database_.path();
  TRY(files.make_dirs(std::filesystem::path(path).parent_path().string(), 0755));
  if (!files.exists(path)) {
    TRY(files.write_atomic(path, "", 0600));
  }
  TRY(check());
  TRY(database_.open(Database::Access::read_write));
  TRY(database_.execute(kOwnersSchema));
  find_ = std::make_unique<Statement>(database_, "SELECT owner FROM owners WHERE email = ?1");
  put_ = std::make_unique<Statement>(
      database_,
      "INSERT INTO owners VALUES (?1, ?2) ON CONFLICT (email) DO UPDATE SET owner = ?2 "
      "WHERE owner <> ?2");
  if (!find_->valid() || !put_->valid()) {
    return database_.error("prepare for");
  }
  return {};
}

Result<std::int64_t> Owners::compare(const std::string& replica) {
  Statement attach(database_, "ATTACH ?1 AS replica");
  if (!attach.valid() || !attach.run(replica)) {
    return database_.error("compare with");
  }
  std::int64_t missing = 0;
  std::int64_t others = 0;
  Status done = database_.query(kCompare, [&](char** columns) {
    missing = parse_number<std::int64_t>(columns[0]).value_or(0);
    others = parse_number<std::int64_t>(columns[1]).value_or(0);
  });
  if (done && missing > 0) {
    done = database_.execute(kAdopt);
  }
  if (done && others > 0) {
    done = database_.execute(kCloseOthers);
    if (!done) {
      database_.roll_back();
    }
  }
  const Status detached = database_.execute("DETACH replica");
  TRY(done);
  TRY(detached);
  return others;
}

Status Owners::check() const { return check_database(database_.path()); }

Status Owners::begin() { return database_.execute("BEGIN IMMEDIATE"); }
Status Owners::commit() { return database_.execute("COMMIT"); }
void Owners::roll_back() { database_.roll_back(); }

Result<std::int64_t> Owners::owner_of(const std::string& email) {
  TRY(const auto row, find_->row(email));
  return row.empty() ? 0 : parse_number<std::int64_t>(row.front()).value_or(0);
}

Status Owners::set_owner(const std::string& email, std::int64_t owner) {
  if (!put_->run(email, owner)) {
    return database_.error("write");
  }
  return {};
}

}  // namespace podplay::agent
