// The store keeps everything that PodPlay knows, in SQLite or PostgreSQL, with one set of SQL.
// Inside read() and write(), the row functions of this module (users.hpp, ...) give plain values. A
// failure of the database unwinds to read() or write(), which roll back and give an Error. Nothing
// outside of src/store sees SOCI.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "model/service.hpp"

namespace podplay::store {

// One connection with its prepared statements. Used by one thread at a time.
class Session {
 public:
  struct Connection;
  explicit Session(std::unique_ptr<Connection> connection);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Connection& connection() { return *connection_; }

 private:
  std::unique_ptr<Connection> connection_;
};

// A session inside a write. Numbers only grow. They are taken under the lock of the counter's row,
// so that transactions commit in the order of their revisions.
class Transaction {
 public:
  explicit Transaction(Session& session) : session_(session) {}
  // Every read works inside a write.
  operator Session&() { return session_; }
  Session& session() { return session_; }

  // "id", "directory", "revision"
  std::int64_t next(const char* counter);
  // Takes `count` numbers at once and returns the first, for many rows.
  std::int64_t next(const char* counter, std::int64_t count);

  // Nothing of this transaction is kept, although its work succeeds.
  void roll_back() { rolled_back_ = true; }
  bool is_rolled_back() const { return rolled_back_; }

 private:
  Session& session_;
  bool rolled_back_ = false;
};

// What Store::look() has found.
struct StoreHealth {
  // Empty: all is well. "store_locked", "store_damaged", "disk_full", "store_read_only" or "store".
  std::string code;
  // The driver's words.
  std::string words;
  // Who holds the lock for writing, such as "sqlite3 (pid 412)"; empty when it cannot be seen.
  std::string holder;
  std::chrono::milliseconds took{0};
};

// For any thread.
class Store {
 public:
  // `url` is a path for SQLite, or postgresql://... Applies the missing migrations.
  static Result<std::unique_ptr<Store>> open(const std::string& url, const Logger& log);
  ~Store();

  // Runs `work` on a connection of the pool. Each of its statements sees what is committed when the
  // statement begins.
  template <class T>
  Result<T> read(const std::function<T(Session&)>& work) {
    return read_value<T>(work, false);
  }
  // The same for several statements that belong together: all of them see one state.
  template <class T>
  Result<T> read_together(const std::function<T(Session&)>& work) {
    return read_value<T>(work, true);
  }

  // Commits (durably) when `work` gives a value, unless it called roll_back(). Rolls back when
  // `work` gives an Error.
  template <class T>
  Result<T> write(const std::function<Result<T>(Transaction&)>& work) {
    std::optional<Result<T>> value;
    TRY(run_write([&](Transaction& transaction) {
      value.emplace(work(transaction));
      return value->has_value() && !transaction.is_rolled_back();
    }));
    return std::move(*value);
  }

  // How the database is right now, seen with a connection of its own, which waits for nobody.
  StoreHealth look() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  template <class T>
  Result<T> read_value(const std::function<T(Session&)>& work, bool together) {
    std::optional<T> value;
    TRY(run_read([&](Session& session) { value.emplace(work(session)); }, together));
    return std::move(*value);
  }
  Status run_read(const std::function<void(Session&)>& work, bool together);
  // Commits when `work` returns true.
  Status run_write(const std::function<bool(Transaction&)>& work);
  std::unique_ptr<Impl> impl_;
};

}  // namespace podplay::store
