// Rows are only added and, when they are old, deleted.
#include "store/health_changes.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kChangeColumns = "id, at, service, host, kind, subject, before, after, cause";

}  // namespace

void insert_health_change(Transaction& transaction, const HealthChange& change) {
  const long long id = transaction.next("id");
  const long long at = to_millis(change.at);
  sql_of(transaction.session())
      << "INSERT INTO health_changes (" << kChangeColumns
      << ") VALUES (:id, :at, :service, :host, :kind, :subject, :before, :after, :cause)",
      soci::use(id), soci::use(at), soci::use(change.service), soci::use(change.host),
      soci::use(change.kind), soci::use(change.subject), soci::use(change.before),
      soci::use(change.after), soci::use(change.cause);
}

std::vector<HealthChange> list_health_changes(Session& session, const HealthChangeFilter& filter,
                                              std::int64_t before, std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : before;
  const long long since = to_millis(filter.since);
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kChangeColumns
                               << " FROM health_changes WHERE id < :below AND at >= :since AND "
                                  "(:any = '' OR service = :service) AND (:anyhost = '' OR host = "
                                  ":host) ORDER BY id DESC LIMIT :most",
       soci::use(below), soci::use(since), soci::use(filter.service), soci::use(filter.service),
       soci::use(filter.host), soci::use(filter.host), soci::use(most));
  std::vector<HealthChange> changes;
  for (const soci::row& row : rows) {
    changes.push_back({.id = row.get<long long>(0),
                       .at = from_millis(row.get<long long>(1)),
                       .service = row.get<std::string>(2),
                       .host = row.get<std::string>(3),
                       .kind = row.get<std::string>(4),
                       .subject = row.get<std::string>(5),
                       .before = row.get<std::string>(6),
                       .after = row.get<std::string>(7),
                       .cause = row.get<std::string>(8)});
  }
  return changes;
}

std::int64_t delete_health_changes(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long at = to_millis(time);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM health_changes WHERE id IN (SELECT id FROM health_changes WHERE at < "
              ":at ORDER BY at LIMIT :most)",
       soci::use(at), soci::use(most));
  statement.execute(true);
  return statement.get_affected_rows();
}

}  // namespace podplay::store
