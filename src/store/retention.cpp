// Rows with an index on their age are deleted by one statement. Revisions have no such index, since
// each write would pay for it. Audit events are a chain, which store/audit keeps.
#include "store/retention.hpp"

#include <vector>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

std::vector<std::int64_t> ids_of(const soci::rowset<soci::row>& rows) {
  std::vector<std::int64_t> ids;
  for (const soci::row& row : rows) {
    ids.push_back(row.get<long long>(0));
  }
  return ids;
}

// Runs `sql` for each id; it deletes the rows of one.
void delete_each(Transaction& transaction, const char* sql, const std::vector<std::int64_t>& ids) {
  long long id = 0;
  soci::statement statement = (sql_of(transaction.session()).prepare << sql, soci::use(id));
  for (const std::int64_t one : ids) {
    id = one;
    statement.execute(true);
  }
}

// All revisions of a service that has settled nothing are kept.
constexpr const char* kOldRevisions =
    "SELECT r.id FROM revisions r WHERE r.id > :after AND r.at < :time AND NOT EXISTS ("
    "SELECT 1 FROM revision_services s WHERE s.revision = r.id AND (s.revision > COALESCE("
    "(SELECT MIN(t.settled) FROM agents t WHERE t.service = s.service), 0) "
    "OR s.revision = (SELECT MAX(n.revision) FROM revision_services n WHERE n.service = "
    "s.service))) ORDER BY r.id LIMIT :most";

}  // namespace

std::vector<std::int64_t> old_revisions(Session& session, WallTime time, std::int64_t after,
                                        std::int64_t limit) {
  const long long above = after;
  const long long before = to_millis(time);
  const long long most = limit;
  return ids_of((sql_of(session).prepare << kOldRevisions, soci::use(above), soci::use(before),
                 soci::use(most)));
}

void delete_revisions(Transaction& transaction, const std::vector<std::int64_t>& ids) {
  delete_each(transaction, "DELETE FROM revision_services WHERE revision = :id", ids);
  delete_each(transaction, "DELETE FROM revisions WHERE id = :id", ids);
  // Also delete the refusals of revisions that are gone.
  sql_of(transaction.session())
      << "DELETE FROM refusals WHERE last_revision < (SELECT COALESCE(MIN(id), 0) FROM revisions)";
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
           << "DELETE FROM tokens WHERE id IN "
              "(SELECT id FROM tokens WHERE expires < :at ORDER BY expires LIMIT :most)",
       soci::use(at), soci::use(most));
  return affected(statement);
}

std::int64_t delete_sessions_expired(Transaction& transaction, WallTime now, std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM sessions WHERE id IN "
              "(SELECT id FROM sessions WHERE expires < :at ORDER BY expires LIMIT :most)",
       soci::use(at), soci::use(most));
  return affected(statement);
}

}  // namespace podplay::store
