// The store never sees a token, only its hash.
#include "store/tokens.hpp"

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

void delete_tokens_in(Transaction& transaction, const std::string& domain) {
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE user_id IN (SELECT id FROM users "
                                   "WHERE domain = :domain AND role <> 'admin')",
      soci::use(domain);
}

}  // namespace podplay::store
