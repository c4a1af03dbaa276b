// A lock that is held is not taken again: PostgreSQL would count it twice.
#include "store/program_locks.hpp"

#include <exception>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

// In seconds, for a connection.
constexpr int kPatience = 2;

}  // namespace

std::unexpected<Error> ProgramLocks::lose() {
  session_.reset();
  held_.clear();
  // The driver's words may quote the URL.
  return fail(ErrorKind::unavailable, "store", "the database server does not answer",
              "check the server that PODPLAY_DATABASE_URL names");
}

Result<bool> ProgramLocks::hold(std::int64_t lock) {
  if (!is_postgresql(url_)) {
    return true;
  }
  try {
    if (!session_) {
      session_ = std::make_unique<Session>(std::make_unique<Session::Connection>(url_, kPatience));
    }
    const long long key = lock;
    int taken = 0;
    if (held_.contains(lock)) {
      // Whether the connection is still there.
      sql_of(*session_) << "SELECT 1", soci::into(taken);
    } else {
      sql_of(*session_) << "SELECT CASE WHEN pg_try_advisory_lock(:key) THEN 1 ELSE 0 END",
          soci::use(key), soci::into(taken);
    }
    if (taken == 1) {
      held_.insert(lock);
    }
    return taken == 1;
  } catch (const std::exception&) {
    return lose();
  }
}

Status ProgramLocks::release(std::int64_t lock) {
  if (!held_.contains(lock)) {
    return {};
  }
  try {
    const long long key = lock;
    int done = 0;
    sql_of(*session_) << "SELECT CASE WHEN pg_advisory_unlock(:key) THEN 1 ELSE 0 END",
        soci::use(key), soci::into(done);
    held_.erase(lock);
    return {};
  } catch (const std::exception&) {
    return lose();
  }
}

}  // namespace podplay::store
