// The protocols are words with blanks between, in a fixed order.
#include "store/app_passwords.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kAppPasswordColumns =
    "id, user_id, name, hash, protocols, created, last_used, last_address, last_protocol, revision";

std::string select_app_passwords(const std::string& rest) {
  return std::string("SELECT ") + kAppPasswordColumns + " FROM app_passwords " + rest;
}

std::string join_protocols(const std::set<MailProtocol>& protocols) {
  std::string text;
  for (const MailProtocol protocol : protocols) {
    text += (text.empty() ? "" : " ") + std::string(to_text(protocol));
  }
  return text;
}

std::set<MailProtocol> split_protocols(std::string_view text) {
  std::set<MailProtocol> protocols;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (const auto protocol = parse_mail_protocol(text.substr(0, blank))) {
      protocols.insert(*protocol);
    }
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return protocols;
}

AppPassword to_app_password(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .user_id = row.get<long long>(1),
          .name = row.get<std::string>(2),
          .hash = row.get<std::string>(3),
          .protocols = split_protocols(row.get<std::string>(4)),
          .created = from_millis(row.get<long long>(5)),
          .last_used = from_millis(row.get<long long>(6)),
          .last_address = row.get<std::string>(7),
          .last_protocol = row.get<std::string>(8),
          .revision = static_cast<Revision>(row.get<long long>(9))};
}

std::vector<AppPassword> read_rows(const soci::rowset<soci::row>& rows) {
  std::vector<AppPassword> found;
  for (const soci::row& row : rows) {
    found.push_back(to_app_password(row));
  }
  return found;
}

}  // namespace

void insert_app_password(Transaction& transaction, const AppPassword& password) {
  const long long id = password.id;
  const long long user = password.user_id;
  const std::string protocols = join_protocols(password.protocols);
  const long long created = to_millis(password.created);
  const long long used = to_millis(password.last_used);
  const auto revision = static_cast<long long>(password.revision);
  sql_of(transaction.session())
      << "INSERT INTO app_passwords (" << kAppPasswordColumns
      << ") VALUES (:id, :user, :name, :hash, :protocols, :created, :used, :address, :protocol, "
         ":revision)",
      soci::use(id), soci::use(user), soci::use(password.name), soci::use(password.hash),
      soci::use(protocols), soci::use(created), soci::use(used), soci::use(password.last_address),
      soci::use(password.last_protocol), soci::use(revision);
}

std::optional<AppPassword> find_app_password(Session& session, std::int64_t id) {
  const long long key = id;
  auto found = read_rows(
      (sql_of(session).prepare << select_app_passwords("WHERE id = :id"), soci::use(key)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<AppPassword> list_app_passwords(Session& session, std::int64_t user_id) {
  const long long user = user_id;
  return read_rows(
      (sql_of(session).prepare << select_app_passwords("WHERE user_id = :user ORDER BY id"),
       soci::use(user)));
}

std::vector<AppPassword> list_all_app_passwords(Session& session, std::int64_t after,
                                                std::int64_t limit) {
  const long long key = after;
  const long long most = limit;
  return read_rows((
      sql_of(session).prepare << select_app_passwords("WHERE id > :after ORDER BY id LIMIT :limit"),
      soci::use(key), soci::use(most)));
}

void delete_app_password(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM app_passwords WHERE id = :id", soci::use(key);
}

void note_app_password_use(Transaction& transaction, std::int64_t id, WallTime at,
                           const std::string& address, const std::string& protocol) {
  const long long key = id;
  const long long used = to_millis(at);
  sql_of(transaction.session())
      << "UPDATE app_passwords SET last_used = :used, last_address = :address, last_protocol = "
         ":protocol WHERE id = :id AND last_used < :before",
      soci::use(used), soci::use(address), soci::use(protocol), soci::use(key), soci::use(used);
}

}  // namespace podplay::store
