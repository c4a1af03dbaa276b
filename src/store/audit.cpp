// An event is inserted once and never changed; only retention deletes it, from the oldest one on.
// The next id is taken first: its lock makes all writers of the chain wait for each other, also
// those of another control plane, so each sees the head that is committed.
#include "store/audit.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.hpp"
#include "store/connection.hpp"
#include "store/list_query.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAuditColumns =
    "id, at, event, actor, subject, request_id, remote_address, door, times, before, after, "
    "previous, hash";

// Rows that chain_old_audit() has in memory.
constexpr std::int64_t kPage = 1000;

AuditRow to_row(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .at = from_millis(row.get<long long>(1)),
          .event = row.get<std::string>(2),
          .actor = row.get<std::string>(3),
          .subject = row.get<std::string>(4),
          .request_id = row.get<std::string>(5),
          .remote_address = row.get<std::string>(6),
          .door = row.get<std::string>(7),
          .count = row.get<long long>(8),
          .before = row.get<std::string>(9),
          .after = row.get<std::string>(10),
          .previous = row.get<long long>(11),
          .hash = row.get<std::string>(12)};
}

AuditMark mark(Session& session, const std::string& name) {
  long long id = 0;
  std::string hash;
  sql_of(session) << "SELECT id, hash FROM audit_chain WHERE name = :name", soci::use(name),
      soci::into(id), soci::into(hash);
  return {id, hash};
}

void set_mark(Transaction& transaction, const std::string& name, const AuditMark& mark) {
  const long long id = mark.id;
  sql_of(transaction.session()) << "UPDATE audit_chain SET id = :id, hash = :hash WHERE name = "
                                   ":name",
      soci::use(id), soci::use(mark.hash), soci::use(name);
}

void add_netstring(std::string& text, std::string_view value) {
  text += fmt::format("{}:{},", value.size(), value);
}

}  // namespace

std::string audit_hash(const AuditRow& row, const std::string& before) {
  std::string text;
  add_netstring(text, before);
  add_netstring(text, std::to_string(row.id));
  add_netstring(text, std::to_string(row.previous));
  add_netstring(text, std::to_string(to_millis(row.at)));
  for (const std::string* value :
       {&row.event, &row.actor, &row.subject, &row.request_id, &row.remote_address, &row.door}) {
    add_netstring(text, *value);
  }
  add_netstring(text, std::to_string(row.count));
  add_netstring(text, row.before);
  add_netstring(text, row.after);
  return sha256_hex(text);
}

AuditMark audit_head(Session& session) { return mark(session, "head"); }
AuditMark audit_anchor(Session& session) { return mark(session, "anchor"); }

AuditRow insert_audit(Transaction& transaction, AuditRow row) {
  row.id = transaction.next("id");
  // The store keeps milliseconds, and the hash is of what it keeps.
  row.at = from_millis(to_millis(row.at));
  const AuditMark head = audit_head(transaction);
  row.previous = head.id;
  row.hash = audit_hash(row, head.hash);
  const long long id = row.id;
  const long long at = to_millis(row.at);
  const long long times = row.count;
  const long long previous = row.previous;
  sql_of(transaction.session())
      << "INSERT INTO audit (" << kAuditColumns
      << ") VALUES (:id, :at, :event, :actor, :subject, :request, :remote, :door, :times, :before, "
         ":after, :previous, :hash)",
      soci::use(id), soci::use(at), soci::use(row.event), soci::use(row.actor),
      soci::use(row.subject), soci::use(row.request_id), soci::use(row.remote_address),
      soci::use(row.door), soci::use(times), soci::use(row.before), soci::use(row.after),
      soci::use(previous), soci::use(row.hash);
  set_mark(transaction, "head", {row.id, row.hash});
  return row;
}

std::vector<AuditRow> list_audit(Session& session, std::int64_t cursor, std::int64_t limit,
                                 const AuditFilter& filter) {
  ListQuery query(session, fmt::format("SELECT {} FROM audit", kAuditColumns));
  for (const auto& [column, value] :
       {std::pair{"event", &filter.event}, std::pair{"actor", &filter.actor},
        std::pair{"subject", &filter.subject}, std::pair{"request_id", &filter.request_id}}) {
    if (!value->empty()) {
      query.is(column, *value);
    }
  }
  if (!filter.text.empty()) {
    query.has_text({"actor", "subject"}, filter.text);
  }
  if (filter.since) {
    query.is_at_least("at", to_millis(*filter.since));
  }
  if (filter.until) {
    query.is_below("at", to_millis(*filter.until));
  }
  if (cursor != 0) {
    query.goes_on_after("id", cursor, !filter.ascending);
  }
  std::vector<AuditRow> events;
  query.run("id", !filter.ascending, limit,
            [&](const soci::row& row) { events.push_back(to_row(row)); });
  return events;
}

std::vector<AuditMark> old_audit(Session& session, WallTime time, WallTime now,
                                 std::int64_t limit) {
  const long long after = audit_anchor(session).id;
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT id, hash, at FROM audit WHERE id > :after ORDER BY id LIMIT :most",
       soci::use(after), soci::use(most));
  std::vector<AuditMark> old;
  for (const soci::row& row : rows) {
    const WallTime at = from_millis(row.get<long long>(2));
    if (at >= time && at <= now) {
      break;
    }
    old.push_back({row.get<long long>(0), row.get<std::string>(1)});
  }
  return old;
}

void delete_audit(Transaction& transaction, const AuditMark& last) {
  const long long id = last.id;
  sql_of(transaction.session()) << "DELETE FROM audit WHERE id <= :id", soci::use(id);
  set_mark(transaction, "anchor", last);
}

void chain_old_audit(Transaction& transaction) {
  // Another control plane that is starting waits here, and finds the work done.
  const std::string counter = "id";
  soci::session& sql = sql_of(transaction.session());
  sql << "UPDATE counters SET value = value WHERE name = :name", soci::use(counter);
  AuditMark head = audit_head(transaction);
  if (head.id != 0) {
    return;
  }
  for (;;) {
    const auto rows = list_audit(transaction, head.id, kPage, {.ascending = true});
    for (AuditRow row : rows) {
      row.previous = head.id;
      row.hash = audit_hash(row, head.hash);
      const long long id = row.id;
      const long long previous = row.previous;
      sql << "UPDATE audit SET previous = :previous, hash = :hash WHERE id = :id",
          soci::use(previous), soci::use(row.hash), soci::use(id);
      head = {row.id, row.hash};
    }
    if (rows.size() < static_cast<std::size_t>(kPage)) {
      break;
    }
  }
  set_mark(transaction, "head", head);
}

}  // namespace podplay::store
