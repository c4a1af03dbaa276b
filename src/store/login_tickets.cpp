// The store never sees a ticket, only its hash.
#include "store/login_tickets.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kTicketColumns = "user_id, wish, failures, created, expires";

}  // namespace

void insert_login_ticket(Transaction& transaction, const LoginTicket& ticket) {
  const long long user = ticket.user_id;
  const long long failures = ticket.failures;
  const long long created = to_millis(ticket.created);
  const long long expires = to_millis(ticket.expires);
  sql_of(transaction.session()) << "INSERT INTO login_tickets (hash, " << kTicketColumns
                                << ") VALUES (:hash, :user, :wish, :failures, :created, :expires)",
      soci::use(ticket.hash), soci::use(user), soci::use(ticket.wish), soci::use(failures),
      soci::use(created), soci::use(expires);
}

std::optional<LoginTicket> find_login_ticket(Session& session, const std::string& hash) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kTicketColumns
                               << " FROM login_tickets WHERE hash = :hash",
       soci::use(hash));
  for (const soci::row& row : rows) {
    return LoginTicket{.hash = hash,
                       .user_id = row.get<long long>(0),
                       .wish = row.get<std::string>(1),
                       .failures = row.get<long long>(2),
                       .created = from_millis(row.get<long long>(3)),
                       .expires = from_millis(row.get<long long>(4))};
  }
  return std::nullopt;
}

void count_login_ticket_failure(Transaction& transaction, const std::string& hash) {
  sql_of(transaction.session())
      << "UPDATE login_tickets SET failures = failures + 1 WHERE hash = :hash",
      soci::use(hash);
}

bool delete_login_ticket(Transaction& transaction, const std::string& hash) {
  soci::statement statement =
      (sql_of(transaction.session()).prepare << "DELETE FROM login_tickets WHERE hash = :hash",
       soci::use(hash));
  statement.execute(true);
  return statement.get_affected_rows() > 0;
}

void delete_login_tickets_of(Transaction& transaction, std::int64_t user_id) {
  const long long user = user_id;
  sql_of(transaction.session()) << "DELETE FROM login_tickets WHERE user_id = :user",
      soci::use(user);
}

std::int64_t delete_login_tickets_expired(Transaction& transaction, WallTime now,
                                          std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  soci::statement statement =
      (sql_of(transaction.session()).prepare
           << "DELETE FROM login_tickets WHERE hash IN (SELECT hash FROM login_tickets WHERE "
              "expires < :at ORDER BY expires LIMIT :most)",
       soci::use(at), soci::use(most));
  statement.execute(true);
  return statement.get_affected_rows();
}

}  // namespace podplay::store
