// An owner is only ever replaced, never forgotten: the folder of a deleted mailbox may still be
// where it was.
#include "agent/replica/owners.hpp"

#include <filesystem>

#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kOwnersSchema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;"
    "CREATE TABLE IF NOT EXISTS owners (email TEXT PRIMARY KEY, owner INTEGER NOT NULL) "
    "WITHOUT ROWID;";

}  // namespace

Owners::Owners(std::string path) : database_(std::move(path)) {}

Status Owners::open(Files& files) {
  find_.reset();
  put_.reset();
  database_.close();
  const std::string& path = database_.path();
  TRY(files.make_dirs(std::filesystem::path(path).parent_path().string(), 0755));
  if (!files.exists(path)) {
    TRY(files.write_atomic(path, "", 0600));
  }
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
