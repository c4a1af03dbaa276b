// A later answer to the same key replaces the one before.
#include "store/answers.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAnswerColumns = "request_hash, status, body";

}  // namespace

std::optional<KeptAnswer> find_answer(Session& session, const std::string& actor,
                                      const std::string& key, WallTime since) {
  const long long oldest = to_millis(since);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare
           << "SELECT " << kAnswerColumns
           << " FROM idempotency WHERE actor = :actor AND name = :name AND created >= :oldest",
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
      << "INSERT INTO idempotency (actor, name, created, " << kAnswerColumns
      << ") VALUES (:actor, :name, :created, :hash, :status, :body) ON CONFLICT (actor, name) DO "
         "UPDATE SET request_hash = excluded.request_hash, status = excluded.status, "
         "body = excluded.body, created = excluded.created",
      soci::use(actor), soci::use(key), soci::use(created), soci::use(answer.request_hash),
      soci::use(status), soci::use(answer.body);
}

void delete_answer(Transaction& transaction, const std::string& actor, const std::string& key) {
  sql_of(transaction.session()) << "DELETE FROM idempotency WHERE actor = :actor AND name = :name",
      soci::use(actor), soci::use(key);
}

}  // namespace podplay::store
