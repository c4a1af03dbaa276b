// Times are milliseconds since 1970.
#include "store/outside_identities.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kIdentityColumns = "user_id, issuer, subject, address, created, last_used";

std::optional<OutsideIdentity> first_identity(const soci::rowset<soci::row>& rows) {
  for (const soci::row& row : rows) {
    return OutsideIdentity{.user_id = row.get<long long>(0),
                           .issuer = row.get<std::string>(1),
                           .subject = row.get<std::string>(2),
                           .address = row.get<std::string>(3),
                           .created = from_millis(row.get<long long>(4)),
                           .last_used = from_millis(row.get<long long>(5))};
  }
  return std::nullopt;
}

}  // namespace

void insert_outside_identity(Transaction& transaction, const OutsideIdentity& identity) {
  const long long user = identity.user_id;
  const long long created = to_millis(identity.created);
  const long long used = to_millis(identity.last_used);
  sql_of(transaction.session()) << "INSERT INTO outside_identities (" << kIdentityColumns
                                << ") VALUES (:user, :issuer, :subject, :address, :created, :used)",
      soci::use(user), soci::use(identity.issuer), soci::use(identity.subject),
      soci::use(identity.address), soci::use(created), soci::use(used);
}

std::optional<OutsideIdentity> find_outside_identity(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  return first_identity((sql_of(session).prepare
                             << "SELECT " << kIdentityColumns
                             << " FROM outside_identities WHERE user_id = :user",
                         soci::use(user)));
}

std::optional<OutsideIdentity> find_outside_identity(Session& session, const std::string& issuer,
                                                     const std::string& subject) {
  return first_identity(
      (sql_of(session).prepare
           << "SELECT " << kIdentityColumns
           << " FROM outside_identities WHERE issuer = :issuer AND subject = :subject",
       soci::use(issuer), soci::use(subject)));
}

void note_outside_identity_use(Transaction& transaction, std::int64_t user_id,
                               const std::string& address, WallTime now) {
  const long long user = user_id;
  const long long used = to_millis(now);
  sql_of(transaction.session())
      << "UPDATE outside_identities SET address = :address, last_used = :used WHERE user_id = "
         ":user",
      soci::use(address), soci::use(used), soci::use(user);
}

bool delete_outside_identity(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  soci::statement statement = (sql_of(transaction.session()).prepare
                                   << "DELETE FROM outside_identities WHERE user_id = :user",
                               soci::use(user));
  statement.execute(true);
  return statement.get_affected_rows() > 0;
}

std::vector<std::int64_t> find_users_by_recovery_address(Session& session,
                                                         const std::string& address) {
  const soci::rowset<long long> rows =
      (sql_of(session).prepare << "SELECT user_id FROM contacts WHERE recovery_address = :address "
                                  "ORDER BY user_id LIMIT 2",
       soci::use(address));
  return {rows.begin(), rows.end()};
}

}  // namespace podplay::store
