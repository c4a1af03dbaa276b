// Tokens are found by their hash alone. An audit event is never changed. A kept answer is replaced
// by a later one for the same key.
#include "store/sessions.hpp"

#include "store/connection.hpp"

namespace podplay::store {

void insert_token(Transaction& transaction, const TokenRow& row) {
  const long long user = row.user_id;
  const long long created = to_millis(row.created);
  const long long expires = to_millis(row.expires);
  sql_of(transaction.session()) << "INSERT INTO tokens (hash, user_id, created, expires) VALUES "
                                   "(:hash, :user, :created, :expires)",
      soci::use(row.hash), soci::use(user), soci::use(created), soci::use(expires);
}

std::optional<TokenRow> find_token(Session& session, const std::string& hash) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT user_id, created, expires FROM tokens WHERE hash = :hash",
       soci::use(hash));
  for (const soci::row& row : rows) {
    return TokenRow{hash, row.get<long long>(0), from_millis(row.get<long long>(1)),
                    from_millis(row.get<long long>(2))};
  }
  return std::nullopt;
}

void delete_token(Transaction& transaction, const std::string& hash) {
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE hash = :hash", soci::use(hash);
}

void delete_tokens_of(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE user_id = :user", soci::use(user);
}

void insert_audit(Transaction& transaction, AuditRow row) {
  const long long id = transaction.next("id");
  const long long at = to_millis(row.at);
  sql_of(transaction.session())
      << "INSERT INTO audit (id, at, event, actor, subject, request_id, remote_address) "
         "VALUES (:id, :at, :event, :actor, :subject, :request, :remote)",
      soci::use(id), soci::use(at), soci::use(row.event), soci::use(row.actor),
      soci::use(row.subject), soci::use(row.request_id), soci::use(row.remote_address);
}

std::vector<AuditRow> list_audit(Session& session, std::int64_t before, std::int64_t limit) {
  const long long below = before == 0 ? INT64_MAX : before;
  const long long most = limit;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT id, at, event, actor, subject, request_id, remote_address FROM audit "
              "WHERE id < :below ORDER BY id DESC LIMIT :most",
       soci::use(below), soci::use(most));
  std::vector<AuditRow> events;
  for (const soci::row& row : rows) {
    events.push_back({row.get<long long>(0), from_millis(row.get<long long>(1)),
                      row.get<std::string>(2), row.get<std::string>(3), row.get<std::string>(4),
                      row.get<std::string>(5), row.get<std::string>(6)});
  }
  return events;
}

std::optional<KeptAnswer> find_answer(Session& session, const std::string& actor,
                                      const std::string& key, WallTime since) {
  const long long oldest = to_millis(since);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT request_hash, status, body FROM idempotency "
                                  "WHERE actor = :actor AND name = :name AND created >= :oldest",
       soci::use(actor), soci::use(key), soci::use(oldest));
  for (const soci::row& row : rows) {
    return KeptAnswer{row.get<std::string>(0), static_cast<int>(row.get<long long>(1)),
                      row.get<std::string>(2)};
  }
  return std::nullopt;
}

void put_answer(Transaction& transaction, const std::string& actor, const std::string& key,
                const KeptAnswer& answer, WallTime now) {
  const long long status = answer.status;
  const long long created = to_millis(now);
  sql_of(transaction.session())
      << "INSERT INTO idempotency (actor, name, request_hash, status, body, created) "
         "VALUES (:actor, :name, :hash, :status, :body, :created) ON CONFLICT (actor, name) DO "
         "UPDATE SET request_hash = excluded.request_hash, status = excluded.status, "
         "body = excluded.body, created = excluded.created",
      soci::use(actor), soci::use(key), soci::use(answer.request_hash), soci::use(status),
      soci::use(answer.body), soci::use(created);
}

void delete_answer(Transaction& transaction, const std::string& actor, const std::string& key) {
  sql_of(transaction.session()) << "DELETE FROM idempotency WHERE actor = :actor AND name = :name",
      soci::use(actor), soci::use(key);
}

std::map<std::string, std::string> kept_settings(Session& session) {
  std::map<std::string, std::string> settings;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT name, value FROM settings");
  for (const soci::row& row : rows) {
    settings.emplace(row.get<std::string>(0), row.get<std::string>(1));
  }
  return settings;
}

void keep_settings(Transaction& transaction, const std::map<std::string, std::string>& settings) {
  soci::session& sql = sql_of(transaction.session());
  sql << "DELETE FROM settings";
  for (const auto& [name, value] : settings) {
    sql << "INSERT INTO settings (name, value) VALUES (:name, :value)", soci::use(name),
        soci::use(value);
  }
}

}  // namespace podplay::store
