// The plainest server of the same library: for each GET of /rows/KEY one row of a SQLite file as
// JSON, read by a prepared statement of the thread's own connection. No login, no log, no limits.
// `bench/api_read` compares the API with it.
#include <httplib.h>
#include <sqlite3.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

class Reader {
 public:
  explicit Reader(const std::string& file) {
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    const char* const query = "SELECT * FROM rows WHERE key = ?";
    if (::sqlite3_open_v2(file.c_str(), &database_, flags, nullptr) != SQLITE_OK ||
        ::sqlite3_prepare_v2(database_, query, -1, &statement_, nullptr) != SQLITE_OK) {
      std::cerr << file << ": " << ::sqlite3_errmsg(database_) << '\n';
      std::exit(1);
    }
  }
  ~Reader() {
    ::sqlite3_finalize(statement_);
    ::sqlite3_close(database_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Empty when there is no such row.
  std::string read(const std::string& key) {
    ::sqlite3_bind_text(statement_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    std::string text;
    if (::sqlite3_step(statement_) == SQLITE_ROW) {
      text = row().dump();
    }
    ::sqlite3_reset(statement_);
    return text;
  }

 private:
  nlohmann::ordered_json row() const {
    nlohmann::ordered_json object;
    for (int i = 0; i < ::sqlite3_column_count(statement_); ++i) {
      const char* const name = ::sqlite3_column_name(statement_, i);
      switch (::sqlite3_column_type(statement_, i)) {
        case SQLITE_INTEGER: object[name] = ::sqlite3_column_int64(statement_, i); break;
        case SQLITE_NULL: object[name] = nullptr; break;
        default: object[name] = reinterpret_cast<const char*>(::sqlite3_column_text(statement_, i));
      }
    }
    return object;
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::cerr << "usage: plain_reader FILE PORT THREADS\n";
    return 2;
  }
  const std::string file = words[1];
  const int port = std::atoi(words[2]);
  const auto threads = static_cast<std::size_t>(std::atoi(words[3]));

  httplib::Server server;
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000'000);
  server.Get("/rows/:key", [&](const httplib::Request& request, httplib::Response& answer) {
    thread_local Reader reader(file);
    const std::string text = reader.read(request.path_params.at("key"));
    if (text.empty()) {
      answer.status = 404;
    } else {
      answer.set_content(text, "application/json");
    }
  });
  return server.listen("0.0.0.0", port) ? 0 : 1;
}
