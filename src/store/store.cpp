// No exception of the database leaves this file: each becomes an Error, and the connection that
// threw it is closed, which rolls its transaction back.
#include "store/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "store/audit.hpp"
#include "store/connection.hpp"
#include "store/health.hpp"
#include "store/migrations.hpp"

namespace podplay::store {
namespace {

// On two cores, more connections would only wait.
constexpr std::size_t kReaders = 4;

// The file holds hashes of passwords, so only its owner may read it; SQLite gives -wal and -shm the
// same mode. An existing file must not be opened here: closing it again would drop the locks that
// SQLite has on it for other connections of this process (sqlite.org/howtocorrupt.html, 2.2).
void keep_private(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ::chmod((path + suffix).c_str(), 0600);
  }
}

// The driver's own words. SOCI's what() goes on with the statement and its values, hashes of
// passwords among them.
std::string words_of(const std::exception& error) {
  const auto* known = dynamic_cast<const soci::soci_error*>(&error);
  return known != nullptr ? known->get_error_message() : error.what();
}

bool says(const std::string& words, std::string_view part) {
  return words.find(part) != std::string::npos;
}

// What the driver's words mean, for Store::look().
std::string code_of(const std::string& words) {
  if (says(words, "disk is full") || says(words, "No space left")) {
    return "disk_full";
  }
  if (says(words, "file is not a database") || says(words, "image is malformed")) {
    return "store_damaged";
  }
  if (says(words, "database is locked") || says(words, "busy")) {
    return "store_locked";
  }
  return says(words, "readonly") || says(words, "read-only") ? "store_read_only" : "store";
}

Error to_error(const std::exception& error, std::string_view attempt, const Logger& log) {
  const std::string words = words_of(error);
  log.error("the store failed", {{"attempt", attempt}, {"error", words}});
  const std::string code = code_of(words);
  if (code == "disk_full") {
    return {.kind = ErrorKind::io,
            .code = "disk_full",
            .message = fmt::format("the store cannot {}: the disk is full", attempt),
            .remedy = "free some space on the state volume"};
  }
  if (code == "store_damaged") {
    return {.kind = ErrorKind::io,
            .code = "store_damaged",
            .message = fmt::format("the store cannot {}: its file is damaged", attempt),
            .remedy =
                "check the disk with dmesg and smartctl, then restore the state volume from "
                "a backup"};
  }
  return {
      .kind = ErrorKind::io,
      .code = "store",
      .message = fmt::format("the store cannot {}", attempt),
      .remedy = "read the api log, which says why; check the state volume or the database server"};
}

}  // namespace

bool is_postgresql(const std::string& url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Session::Session(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Session::~Session() = default;

std::int64_t affected(soci::statement statement) {
  statement.execute(true);
  return statement.get_affected_rows();
}

Session::Connection::Connection(const std::string& url, int busy) : sqlite(!is_postgresql(url)) {
  if (!sqlite) {
    // SOCI 4.0 takes the URL for words KEY=VALUE, and puts a '=' behind one that has none. So it
    // always gets an option.
    std::string place = url;
    if (url.find("connect_timeout=") == url.npos) {
      const char before = url.find('?') == url.npos ? '?' : '&';
      place += fmt::format("{}connect_timeout={}", before, busy);
    }
    sql.open(soci::postgresql, place);
    return;
  }
  sql.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}", url, busy));
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                             "PRAGMA foreign_keys=ON", "PRAGMA cache_size=-1024"}) {
    sql << pragma;
  }
}

std::int64_t Transaction::next(const char* counter) { return next(counter, 1); }

std::int64_t Transaction::next(const char* counter, std::int64_t count) {
  const std::string name = counter;
  const long long step = count;
  long long value = 0;
  soci::session& sql = sql_of(session_);
  sql << "UPDATE counters SET value = value + :step WHERE name = :name", soci::use(step),
      soci::use(name);
  sql << "SELECT value FROM counters WHERE name = :name", soci::use(name), soci::into(value);
  return value - count + 1;
}

struct Store::Impl {
  Impl(std::string where, Logger logger) : url(std::move(where)), log(std::move(logger)) {}

  // Constant after construction.
  std::string url;
  Logger log;

  std::mutex mutex;
  // Signalled when a session is given back.
  std::condition_variable freed;
  // Guarded by mutex.
  std::vector<std::unique_ptr<Session>> idle;
  std::size_t opened = 0;

  // Held while writing: there is one writer at a time in this process, because SQLite allows only
  // one.
  std::mutex writing;
  // Guarded by writing.
  std::unique_ptr<Session> writer;

  std::unique_ptr<Session> connect() const {
    return std::make_unique<Session>(std::make_unique<Session::Connection>(url));
  }

  std::unique_ptr<Session> take() {
    std::unique_lock lock(mutex);
    freed.wait(lock, [this] { return !idle.empty() || opened < kReaders; });
    if (!idle.empty()) {
      auto session = std::move(idle.back());
      idle.pop_back();
      return session;
    }
    ++opened;
    lock.unlock();
    try {
      return connect();
    } catch (...) {
      const std::scoped_lock again(mutex);
      --opened;
      // A waiting thread may try as well.
      freed.notify_one();
      throw;
    }
  }

  void give_back(std::unique_ptr<Session> session, bool usable) {
    {
      const std::scoped_lock lock(mutex);
      if (usable) {
        idle.push_back(std::move(session));
      } else {
        --opened;
      }
    }
    freed.notify_one();
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& url, const Logger& log) {
  try {
    if (!is_postgresql(url)) {
      keep_private(url);
    }
    auto impl = std::make_unique<Impl>(url, log);
    impl->writer = impl->connect();
    migrate(impl->writer->connection().sql, impl->writer->connection().sqlite, impl->log);
    std::unique_ptr<Store> store(new Store(std::move(impl)));
    TRY(store->run_write([](Transaction& transaction) {
      chain_old_audit(transaction);
      return true;
    }));
    return store;
  } catch (const std::exception& error) {
    return std::unexpected(to_error(error, "be opened", log));
  }
}

Status Store::run_read(const std::function<void(Session&)>& work, bool together) {
  std::unique_ptr<Session> session;
  try {
    session = impl_->take();
    soci::session& sql = session->connection().sql;
    if (together) {
      sql << (session->connection().sqlite ? "BEGIN"
                                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    work(*session);
    if (together) {
      sql << "COMMIT";
    }
    impl_->give_back(std::move(session), true);
    return {};
  } catch (const std::exception& error) {
    if (session) {
      impl_->give_back(std::move(session), false);
    }
    return std::unexpected(to_error(error, "be read", impl_->log));
  }
}

StoreHealth Store::look() const {
  StoreHealth health;
  const auto began = std::chrono::steady_clock::now();
  try {
    Session::Connection connection(impl_->url, 1);
    if (connection.sqlite) {
      look_at_sqlite(connection, impl_->url);
    } else {
      // Of a standby, or of a server that was made read-only.
      std::string read_only;
      connection.sql << "SHOW transaction_read_only", soci::into(read_only);
      if (read_only == "on") {
        throw soci::soci_error("the server takes only read-only transactions");
      }
    }
  } catch (const std::exception& error) {
    health.words = words_of(error);
    health.code = code_of(health.words);
  }
  // A long write of this program is no fault.
  if (health.code == "store_locked") {
    const auto holder = write_lock_holder(impl_->url);
    if (holder && *holder == ::getpid()) {
      health.code.clear();
      health.words.clear();
    } else if (holder) {
      health.holder = process_words(*holder);
    }
  }
  health.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return health;
}

Status Store::run_write(const std::function<bool(Transaction&)>& work) {
  const std::scoped_lock lock(impl_->writing);
  try {
    if (!impl_->writer) {
      impl_->writer = impl_->connect();
    }
    soci::session& sql = impl_->writer->connection().sql;
    sql << (impl_->writer->connection().sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    Transaction transaction(*impl_->writer);
    sql << (work(transaction) ? "COMMIT" : "ROLLBACK");
    return {};
  } catch (const std::exception& error) {
    // Closing the connection rolls back. The next write opens another one.
    impl_->writer.reset();
    return std::unexpected(to_error(error, "be written", impl_->log));
  }
}

}  // namespace podplay::store
