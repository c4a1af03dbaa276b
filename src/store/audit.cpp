// An event is inserted once and never changed; only retention deletes it.
#include "store/audit.hpp"

#include "store/connection.hpp"

namespace podplay::store {

void insert_audit(Transaction& transaction, AuditRow row) {
  const long long id = transaction.next("id");
  const long long at = to_millis(row.at);
  const long long times = row.count;
  sql_of(transaction.session())
      << "INSERT INTO audit (id, at, event, actor, subject, request_id, remote_address, door, "
         "times) VALUES (:id, :at, :event, :actor, :subject, :request, :remote, :door, :times)",
      soci::use(id), soci::use(at), soci::use(row.event), soci::use(row.actor),
      soci::use(row.subject), soci::use(row.request_id), soci::use(row.remote_address),
      soci::use(row.door), soci::use(times);
}

std::vector<AuditRow> list_audit(Session& session, std::int64_t before, std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : before;
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT id, at, event, actor, subject, request_id, remote_address, door, times "
              "FROM audit WHERE id < :below ORDER BY id DESC LIMIT :most",
       soci::use(below), soci::use(most));
  std::vector<AuditRow> events;
  for (const soci::row& row : rows) {
    events.push_back({row.get<long long>(0), from_millis(row.get<long long>(1)),
                      row.get<std::string>(2), row.get<std::string>(3), row.get<std::string>(4),
                      row.get<std::string>(5), row.get<std::string>(6), row.get<std::string>(7),
                      row.get<long long>(8)});
  }
  return events;
}

}  // namespace podplay::store
