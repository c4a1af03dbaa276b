// The inside of a Session: the SOCI session and the statements that are used all the time. Internal
// to store, and used by one thread at a time.
#pragma once

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::store {

// A user's columns as SOCI binds them.
struct UserColumns {
  long long id = 0;
  long long owner = 0;
  std::string email;
  std::string username;
  std::string domain;
  std::string password_hash;
  std::string role;
  long long enabled = 0;
  long long quota = 0;
  std::string services;
  long long created = 0;
  long long updated = 0;
  long long revision = 0;
  long long second_factor = 0;
  User to_user() const;
};

// A prepared SELECT of users by one key, kept for the life of its connection.
template <class Key>
struct UserQuery {
  UserQuery(soci::session& sql, const std::string& where);
  std::optional<User> find(const Key& wanted);
  Key key{};
  UserColumns row;
  soci::statement statement;
};

struct UserPageQuery {
  explicit UserPageQuery(soci::session& sql, const std::string& where);
  long long after = 0;
  long long limit = 0;
  std::string domain;
  UserColumns row;
  soci::statement statement;
};

// Whether it names a PostgreSQL server; else it is the path of an SQLite file.
bool is_postgresql(const std::string& url);

struct Session::Connection {
  // `busy`: how many seconds a statement waits for another writer of SQLite, or a new connection
  // for an answer of PostgreSQL's server (at least 2, by libpq).
  explicit Connection(const std::string& url, int busy = 30);
  soci::session sql;
  bool sqlite = true;
  // Made when first needed, because the tables exist only after the migrations.
  std::unique_ptr<UserQuery<long long>> user_by_id;
  std::unique_ptr<UserQuery<std::string>> user_by_email;
  std::unique_ptr<UserPageQuery> user_page;
  std::unique_ptr<UserPageQuery> user_page_of_domain;
};

inline soci::session& sql_of(Session& session) { return session.connection().sql; }

// Executes it, and says how many rows it changed.
std::int64_t affected(soci::statement statement);

template <class T>
std::optional<T> first_of(std::vector<T> found) {
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

}  // namespace podplay::store
