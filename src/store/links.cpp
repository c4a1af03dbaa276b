// Used links stay until they expire, so that a second use is told from a token that never was.
#include "store/links.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kLinkColumns =
    "hash, purpose, user_id, registration, address, created, expires, used, remote_address";

Link to_link(const soci::row& row) {
  return {
      .hash = row.get<std::string>(0),
      .purpose = parse_link_purpose(row.get<std::string>(1)).value_or(LinkPurpose::registration),
      .user_id = row.get<long long>(2),
      .registration = row.get<long long>(3),
      .address = row.get<std::string>(4),
      .created = from_millis(row.get<long long>(5)),
      .expires = from_millis(row.get<long long>(6)),
      .used = from_millis(row.get<long long>(7)),
      .remote_address = row.get<std::string>(8)};
}

}  // namespace

void insert_link(Transaction& transaction, const Link& link) {
  const std::string purpose(to_text(link.purpose));
  const long long user = link.user_id;
  const long long registration = link.registration;
  const long long created = to_millis(link.created);
  const long long expires = to_millis(link.expires);
  const long long used = to_millis(link.used);
  sql_of(transaction.session())
      << "INSERT INTO links (" << kLinkColumns
      << ") VALUES (:hash, :purpose, :user, :registration, :address, :created, :expires, :used, "
         ":remote)",
      soci::use(link.hash), soci::use(purpose), soci::use(user), soci::use(registration),
      soci::use(link.address), soci::use(created), soci::use(expires), soci::use(used),
      soci::use(link.remote_address);
}

std::optional<Link> find_link(Session& session, const std::string& hash) {
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kLinkColumns << " FROM links WHERE hash = :hash",
       soci::use(hash));
  for (const soci::row& row : rows) {
    return to_link(row);
  }
  return std::nullopt;
}

bool use_link(Transaction& transaction, const std::string& hash, WallTime now) {
  const long long at = to_millis(now);
  return affected((sql_of(transaction.session()).prepare
                       << "UPDATE links SET used = :at WHERE hash = :hash AND used = 0",
                   soci::use(at), soci::use(hash))) == 1;
}

void delete_links_of(Transaction& transaction, std::int64_t user_id, LinkPurpose purpose) {
  const long long user = user_id;
  const std::string word(to_text(purpose));
  sql_of(transaction.session())
      << "DELETE FROM links WHERE user_id = :user AND purpose = :purpose AND used = 0",
      soci::use(user), soci::use(word);
}

void delete_links_of_registration(Transaction& transaction, std::int64_t registration) {
  const long long id = registration;
  sql_of(transaction.session()) << "DELETE FROM links WHERE registration = :id AND used = 0",
      soci::use(id);
}

std::int64_t delete_links_expired(Transaction& transaction, WallTime now, std::int64_t limit) {
  const long long at = to_millis(now);
  const long long most = limit;
  return affected((sql_of(transaction.session()).prepare
                       << "DELETE FROM links WHERE hash IN (SELECT hash FROM links WHERE expires < "
                          ":at ORDER BY expires LIMIT :most)",
                   soci::use(at), soci::use(most)));
}

std::int64_t count_links_expired(Session& session, WallTime now) {
  const long long at = to_millis(now);
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM links WHERE expires < :at", soci::use(at),
      soci::into(count);
  return count;
}

void insert_try(Transaction& transaction, const JourneyTry& row) {
  const long long id = transaction.next("id");
  const long long at = to_millis(row.at);
  sql_of(transaction.session())
      << "INSERT INTO journey_tries (id, kind, subject, at) VALUES (:id, :kind, :subject, :at)",
      soci::use(id), soci::use(row.kind), soci::use(row.subject), soci::use(at);
}

std::vector<WallTime> list_tries(Session& session, const std::string& kind,
                                 const std::string& subject, WallTime since, std::int64_t most) {
  const long long from = to_millis(since);
  const long long limit = most;
  const soci::rowset<long long> rows =
      (sql_of(session).prepare << "SELECT at FROM journey_tries WHERE kind = :kind AND subject = "
                                  ":subject AND at > :since ORDER BY at DESC LIMIT :most",
       soci::use(kind), soci::use(subject), soci::use(from), soci::use(limit));
  std::vector<WallTime> times;
  for (const long long at : rows) {
    times.push_back(from_millis(at));
  }
  return times;
}

std::int64_t delete_tries_before(Transaction& transaction, WallTime time, std::int64_t limit) {
  const long long before = to_millis(time);
  const long long most = limit;
  return affected((sql_of(transaction.session()).prepare
                       << "DELETE FROM journey_tries WHERE id IN (SELECT id FROM journey_tries "
                          "WHERE at < :before ORDER BY at LIMIT :most)",
                   soci::use(before), soci::use(most)));
}

}  // namespace podplay::store
