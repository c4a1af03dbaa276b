// The store never sees what a cookie holds, only its hash.
#include "store/sessions.hpp"

#include "base/encoding.hpp"
#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kSessionColumns =
    "id, hash, user_id, strength, agent, address, created, proven, expires, last_used, "
    "last_address";

BrowserSession to_session(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .hash = row.get<std::string>(1),
          .user_id = row.get<long long>(2),
          .strength = parse_strength(row.get<std::string>(3)).value_or(Strength::single_factor),
          .agent = row.get<std::string>(4),
          .address = row.get<std::string>(5),
          .created = from_millis(row.get<long long>(6)),
          .proven = from_millis(row.get<long long>(7)),
          .expires = from_millis(row.get<long long>(8)),
          .last_used = from_millis(row.get<long long>(9)),
          .last_address = row.get<std::string>(10)};
}

std::optional<BrowserSession> first_session(const soci::rowset<soci::row>& rows) {
  for (const soci::row& row : rows) {
    return to_session(row);
  }
  return std::nullopt;
}

void note_uses(Transaction& transaction, const char* statement, const std::vector<LoginUse>& uses) {
  long long id = 0;
  long long at = 0;
  std::string address;
  soci::statement update = (sql_of(transaction.session()).prepare << statement, soci::use(at),
                            soci::use(address), soci::use(id), soci::use(at));
  // The statement reads them. NOLINTBEGIN(clang-analyzer-deadcode.DeadStores)
  for (const LoginUse& use : uses) {
    id = use.id;
    at = to_millis(use.at);
    address = use.address;
    update.execute(true);
  }
  // NOLINTEND(clang-analyzer-deadcode.DeadStores)
}

}  // namespace

void insert_session(Transaction& transaction, const BrowserSession& session) {
  const long long id = session.id;
  const long long user = session.user_id;
  const std::string strength(to_text(session.strength));
  const long long created = to_millis(session.created);
  const long long proven = to_millis(session.proven);
  const long long expires = to_millis(session.expires);
  const long long used = to_millis(session.last_used);
  sql_of(transaction.session())
      << "INSERT INTO sessions (" << kSessionColumns
      << ") VALUES (:id, :hash, :user, :strength, :agent, :address, :created, :proven, :expires, "
         ":used, :last_address)",
      soci::use(id), soci::use(session.hash), soci::use(user), soci::use(strength),
      soci::use(session.agent), soci::use(session.address), soci::use(created), soci::use(proven),
      soci::use(expires), soci::use(used), soci::use(session.last_address);
}

std::optional<BrowserSession> find_session(Session& session, const std::string& hash) {
  return first_session((sql_of(session).prepare << "SELECT " << kSessionColumns
                                                << " FROM sessions WHERE hash = :hash",
                        soci::use(hash)));
}

std::optional<BrowserSession> find_session(Session& session, std::int64_t id) {
  const long long key = id;
  return first_session(
      (sql_of(session).prepare << "SELECT " << kSessionColumns << " FROM sessions WHERE id = :id",
       soci::use(key)));
}

std::vector<BrowserSession> list_sessions(Session& session, std::int64_t user_id, WallTime now) {
  const long long user = user_id;
  const long long at = to_millis(now);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kSessionColumns
                               << " FROM sessions WHERE user_id = :user AND expires > :at ORDER BY "
                                  "id DESC",
       soci::use(user), soci::use(at));
  std::vector<BrowserSession> sessions;
  for (const soci::row& row : rows) {
    sessions.push_back(to_session(row));
  }
  return sessions;
}

void renew_session(Transaction& transaction, const BrowserSession& session) {
  const long long id = session.id;
  const std::string strength(to_text(session.strength));
  const long long proven = to_millis(session.proven);
  sql_of(transaction.session())
      << "UPDATE sessions SET hash = :hash, strength = :strength, proven = :proven WHERE id = :id",
      soci::use(session.hash), soci::use(strength), soci::use(proven), soci::use(id);
}

void delete_session(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM sessions WHERE id = :id", soci::use(key);
}

std::int64_t delete_sessions_of(Transaction& transaction, std::int64_t user_id,
                                std::int64_t except) {
  const long long user = user_id;
  const long long kept = except;
  soci::statement statement = (sql_of(transaction.session()).prepare
                                   << "DELETE FROM sessions WHERE user_id = :user AND id <> :kept",
                               soci::use(user), soci::use(kept));
  statement.execute(true);
  return statement.get_affected_rows();
}

void delete_sessions_in(Transaction& transaction, const std::string& domain) {
  sql_of(transaction.session()) << "DELETE FROM sessions WHERE user_id IN (SELECT id FROM users "
                                   "WHERE domain = :domain AND role <> 'admin')",
      soci::use(domain);
}

void note_login_change(Transaction& transaction) {
  std::uint32_t number = 0;
  random_bytes(&number, sizeof number);
  // Below 2^32, so that the sum of any number of rows fits.
  const long long mark = number;
  sql_of(transaction.session()) << "INSERT INTO login_changes (mark) VALUES (:mark)",
      soci::use(mark);
}

std::int64_t login_changes(Session& session) {
  long long sum = 0;
  sql_of(session) << "SELECT COALESCE(CAST(SUM(mark) AS BIGINT), 0) FROM login_changes",
      soci::into(sum);
  return sum;
}

void gather_login_changes(Transaction& transaction) {
  long long rows = 0;
  sql_of(transaction.session()) << "SELECT COUNT(*) FROM login_changes", soci::into(rows);
  if (rows < 2) {
    return;
  }
  sql_of(transaction.session()) << "DELETE FROM login_changes";
  note_login_change(transaction);
}

// Two control planes may write the same login: the later use stays.
void note_session_uses(Transaction& transaction, const std::vector<LoginUse>& uses) {
  note_uses(transaction,
            "UPDATE sessions SET last_used = :at, last_address = :address WHERE id = :id AND "
            "last_used < :before",
            uses);
}

void note_token_uses(Transaction& transaction, const std::vector<LoginUse>& uses) {
  note_uses(transaction,
            "UPDATE tokens SET last_used = :at, last_address = :address WHERE id = :id AND "
            "last_used < :before",
            uses);
}

}  // namespace podplay::store
