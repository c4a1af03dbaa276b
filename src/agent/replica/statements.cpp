// SQLite through its C interface. A statement is reset after each use, so that no read lock stays
// behind it.
#include "agent/replica/statements.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace podplay::agent {
namespace {

constexpr int kLockWaitMs = 5000;

bool is_damage(int code) { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }

std::string remedy_of(int code) {
  if (code == SQLITE_FULL) {
    return "free some space on this volume";
  }
  if (is_damage(code)) {
    return "the agent makes a new one at its next start";
  }
  return "check owner, mode and free space of the file and its folder";
}

}  // namespace

Status Database::open(Access access) {
  close();
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path_.c_str(), &handle_,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  sqlite3_busy_timeout(handle_, kLockWaitMs);
  if (code != SQLITE_OK) {
    return error("open");
  }
  return {};
}

void Database::close() {
  sqlite3_close(handle_);
  handle_ = nullptr;
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error("write");
  }
  return {};
}

Status Database::query(const char* sql, const std::function<void(char** columns)>& row) {
  const auto call = [](void* into, int, char** columns, char**) {
    (*static_cast<const std::function<void(char**)>*>(into))(columns);
    return 0;
  };
  void* into = const_cast<std::function<void(char**)>*>(&row);
  if (sqlite3_exec(handle_, sql, call, into, nullptr) != SQLITE_OK) {
    return error("read");
  }
  return {};
}

void Database::roll_back() { sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr); }

void Database::release_memory() { sqlite3_db_release_memory(handle_); }

std::string Database::words() const { return sqlite3_errmsg(handle_); }

bool Database::damaged() const { return is_damage(sqlite3_errcode(handle_)); }

std::unexpected<Error> Database::error(std::string_view attempt) const {
  const int code = sqlite3_errcode(handle_);
  return fail(ErrorKind::io, code == SQLITE_FULL ? "disk_full" : "directory",
              fmt::format("cannot {} the directory {}: {}", attempt, path_, words()),
              remedy_of(code));
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

// Rows that were read before a failure are not returned: a caller would take the rest for missing.
Result<std::vector<Columns>> Statement::fetch() {
  std::vector<Columns> rows;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement_)) == SQLITE_ROW) {
    Columns& columns = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
      columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement_, i)));
    }
  }
  sqlite3_reset(statement_);
  if (code != SQLITE_DONE) {
    return database_.error("read");
  }
  return rows;
}

void Statement::bind(int at, std::string_view text) {
  sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void Statement::bind_number(int at, std::int64_t value) {
  sqlite3_bind_int64(statement_, at, value);
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  sqlite3_reset(statement_);
  return code == SQLITE_DONE || code == SQLITE_ROW;
}

}  // namespace podplay::agent
