// SQLite for a replica: a connection that closes itself, prepared statements, and errors that name
// the file and the remedy. Only statements.cpp includes sqlite3.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace podplay::agent {

// One connection for one thread at a time.
class Database {
 public:
  enum class Access { read_only, read_write };
  explicit Database(std::string path) : path_(std::move(path)) {}
  ~Database() { close(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The file must exist. Waits up to 5 s for locks of others.
  Status open(Access access);
  void close();

  // One or several statements without results.
  Status execute(const char* sql);
  // Calls `row` with the columns of each row as texts.
  Status query(const char* sql, const std::function<void(char** columns)>& row);
  void roll_back();
  void release_memory();

  // The error of the last call: "cannot ATTEMPT the directory PATH: SQLite's words".
  std::unexpected<Error> error(std::string_view attempt) const;
  // SQLite's words about the last call.
  std::string words() const;
  // Whether the last call found that the file is not a sound database.
  bool damaged() const;
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

// A row that was read, as texts.
using Columns = std::vector<std::string>;

// Must not outlive its Database.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  bool valid() const { return statement_ != nullptr; }

  // Binds ?1, ?2, ... and runs; false when SQLite failed (see Database::error).
  template <class... Values>
  bool run(const Values&... values) {
    int at = 0;
    (bind(++at, values), ...);
    return step();
  }
  // The columns of the one row with these values, as texts; empty when there is none. No column may
  // be NULL.
  template <class... Values>
  Result<Columns> row(const Values&... values) {
    TRY(auto found, rows(values...));
    return found.empty() ? Columns{} : std::move(found.front());
  }
  // The same of all rows.
  template <class... Values>
  Result<std::vector<Columns>> rows(const Values&... values) {
    [[maybe_unused]] int at = 0;
    (bind(++at, values), ...);
    return fetch();
  }

 private:
  // The text must outlive the step.
  void bind(int at, std::string_view text);
  void bind_number(int at, std::int64_t value);
  template <std::integral N>
  void bind(int at, N value) {
    bind_number(at, static_cast<std::int64_t>(value));
  }
  bool step();
  Result<std::vector<Columns>> fetch();

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace podplay::agent
