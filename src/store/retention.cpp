// Ids grow with time, so the old rows of audit and revisions are the first ones: a bound is found
// by walking the primary key, and no index by time is paid for with each write.
#include "store/retention.hpp"

#include <vector>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

std::int64_t affected(soci::statement& statement) {
  statement.execute(true);
  return statement.get_affected_rows();
}

// `table`: ours, never a user's.
std::int64_t first_since(Session& session, const std::string& table, WallTime time) {
  const long long since = to_millis(time);
  long long first = 0;
  soci::indicator found = soci::i_null;
  sql_of(session) << "SELECT id FROM " + table + " WHERE at >= :since ORDER BY id LIMIT 1",
      soci::use(since), soci::into(first, found);
  if (sql_of(session).got_data()) {
    return first;
  }
  sql_of(session) << "SELECT COALESCE(MAX(id), 0) + 1 FROM " + table, soci::into(first);
  return first;
}

// Those that go, of old revisions. A service that has settled nothing holds all of its revisions.
constexpr const char* kOldRevisions =
    "SELECT r.id FROM revisions r WHERE r.id < :below AND NOT EXISTS ("
    "SELECT 1 FROM revision_services s WHERE s.revision = r.id AND (s.revision > COALESCE("
    "(SELECT MIN(t.settled) FROM agents t WHERE t.service = s.service), 0) "
    "OR s.revision = (SELECT MAX(n.revision) FROM revision_services n WHERE n.service = "
    "s.service))) ORDER BY r.id LIMIT :most";

}  // namespace

std::int64_t first_audit_since(Session& session, WallTime time) {
  return first_since(session, "audit", time);
}

std::int64_t delete_audit_below(Transaction& transaction, std::int64_t id, std::int64_t limit) {
  const long long below = id;
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM audit WHERE id IN "
              "(SELECT id FROM audit WHERE id < :below ORDER BY id LIMIT :most)",
       soci::use(below), soci::use(most));
  return affected(statement);
}

Revision first_revision_since(Session& session, WallTime time) {
  return static_cast<Revision>(first_since(session, "revisions", time));
}

std::int64_t delete_revisions_below(Transaction& transaction, Revision id, std::int64_t limit) {
  soci::session& sql = sql_of(transaction.session());
  const long long below = static_cast<long long>(id);
  const long long most = limit;
  std::vector<long long> old;
  for (const soci::row& row :
       soci::rowset<soci::row>((sql.prepare << kOldRevisions, soci::use(below), soci::use(most)))) {
    old.push_back(row.get<long long>(0));
  }
  long long one = 0;
  soci::statement services =
      (sql.prepare << "DELETE FROM revision_services WHERE revision = :id", soci::use(one));
  soci::statement revision =
      (sql.prepare << "DELETE FROM revisions WHERE id = :id", soci::use(one));
  for (const long long found : old) {
    one = found;
    services.execute(true);
    revision.execute(true);
  }
  // Refusals of revisions that nobody can ask for any more.
  sql << "DELETE FROM refusals WHERE last_revision < (SELECT COALESCE(MIN(id), 0) FROM revisions)";
  return static_cast<std::int64_t>(old.size());
}

std::int64_t delete_answers_before(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long before = to_millis(time);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM idempotency WHERE (actor, name) IN (SELECT actor, name FROM "
              "idempotency WHERE created < :before ORDER BY created LIMIT :most)",
       soci::use(before), soci::use(most));
  return affected(statement);
}

std::int64_t delete_tokens_expired(Transaction& transaction, WallTime now, std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM tokens WHERE hash IN "
              "(SELECT hash FROM tokens WHERE expires < :at ORDER BY expires LIMIT :most)",
       soci::use(at), soci::use(most));
  return affected(statement);
}

}  // namespace podplay::store
