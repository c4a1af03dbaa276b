// The services that a revision concerns are rows of their own. A service that this program does not
// know is skipped.
#include "store/revisions.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kRevisionColumns = "id, at, actor, request_id, summary";
constexpr const char* kRevisionServiceColumns = "service, snapshot";

long long number(Revision revision) { return static_cast<long long>(revision); }

std::vector<RevisionRow> to_revisions(Session& session, const soci::rowset<soci::row>& rows) {
  std::vector<RevisionRow> revisions;
  for (const soci::row& row : rows) {
    revisions.push_back({.id = static_cast<Revision>(row.get<long long>(0)),
                         .at = from_millis(row.get<long long>(1)),
                         .actor = row.get<std::string>(2),
                         .request_id = row.get<std::string>(3),
                         .summary = row.get<std::string>(4),
                         .services = {},
                         .snapshots = {}});
  }
  for (RevisionRow& revision : revisions) {
    const long long id = number(revision.id);
    const soci::rowset<soci::row> services =
        (sql_of(session).prepare << "SELECT " << kRevisionServiceColumns
                                 << " FROM revision_services WHERE revision = :id ORDER BY service",
         soci::use(id));
    for (const soci::row& row : services) {
      const auto known = parse_service(row.get<std::string>(0));
      if (known) {
        revision.services.push_back(*known);
      }
      if (known && row.get<long long>(1) != 0) {
        revision.snapshots.push_back(*known);
      }
    }
  }
  return revisions;
}

}  // namespace

void insert_revision(Transaction& transaction, const RevisionRow& row) {
  const long long id = number(row.id);
  const long long at = to_millis(row.at);
  soci::session& sql = sql_of(transaction.session());
  sql << "INSERT INTO revisions (" << kRevisionColumns
      << ") VALUES (:id, :at, :actor, :request, :summary)",
      soci::use(id), soci::use(at), soci::use(row.actor), soci::use(row.request_id),
      soci::use(row.summary);
  for (const ServiceName service : row.services) {
    const std::string name(to_text(service));
    const long long snapshot =
        std::ranges::find(row.snapshots, service) == row.snapshots.end() ? 0 : 1;
    sql << "INSERT INTO revision_services (revision, " << kRevisionServiceColumns
        << ") VALUES (:id, :service, :snapshot)",
        soci::use(id), soci::use(name), soci::use(snapshot);
  }
}

std::optional<RevisionRow> find_revision(Session& session, Revision id) {
  const long long key = number(id);
  auto found = to_revisions(session, (sql_of(session).prepare << "SELECT " << kRevisionColumns
                                                              << " FROM revisions WHERE id = :id",
                                      soci::use(key)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

std::vector<RevisionRow> list_revisions(Session& session, Revision before, std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : number(before);
  const long long most = limit;
  return to_revisions(
      session,
      (sql_of(session).prepare << "SELECT " << kRevisionColumns
                               << " FROM revisions WHERE id < :below ORDER BY id DESC LIMIT :most",
       soci::use(below), soci::use(most)));
}

Revision newest_revision(Session& session, ServiceName service) {
  const std::string name(to_text(service));
  long long newest = 0;
  sql_of(session)
      << "SELECT COALESCE(MAX(revision), 0) FROM revision_services WHERE service = :service",
      soci::use(name), soci::into(newest);
  return static_cast<Revision>(newest);
}

}  // namespace podplay::store
