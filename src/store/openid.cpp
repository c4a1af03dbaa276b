// A code is taken by deleting it, so that of two takers one gets it.
#include "store/openid.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kClientColumns = "id, name, redirect_uris, secret_hash, created, revision";
constexpr const char* kCodeColumns =
    "client, user_id, redirect_uri, challenge, nonce, scope, proven, created, expires";

std::string join_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return words;
}

std::vector<OpenidClient> read_clients(const soci::rowset<soci::row>& rows) {
  std::vector<OpenidClient> found;
  for (const soci::row& row : rows) {
    found.push_back({.id = row.get<std::string>(0),
                     .name = row.get<std::string>(1),
                     .redirect_uris = split_words(row.get<std::string>(2)),
                     .secret_hash = row.get<std::string>(3),
                     .created = from_millis(row.get<long long>(4)),
                     .revision = static_cast<Revision>(row.get<long long>(5))});
  }
  return found;
}

}  // namespace

void insert_openid_client(Transaction& transaction, const OpenidClient& client) {
  const std::string uris = join_words(client.redirect_uris);
  const long long created = to_millis(client.created);
  const auto revision = static_cast<long long>(client.revision);
  sql_of(transaction.session()) << "INSERT INTO openid_clients (" << kClientColumns
                                << ") VALUES (:id, :name, :uris, :secret, :created, :revision)",
      soci::use(client.id), soci::use(client.name), soci::use(uris), soci::use(client.secret_hash),
      soci::use(created), soci::use(revision);
}

std::optional<OpenidClient> find_openid_client(Session& session, const std::string& id) {
  auto found = read_clients((sql_of(session).prepare << "SELECT " << kClientColumns
                                                     << " FROM openid_clients WHERE id = :id",
                             soci::use(id)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<OpenidClient> list_openid_clients(Session& session) {
  return read_clients((sql_of(session).prepare << "SELECT " << kClientColumns
                                               << " FROM openid_clients ORDER BY id"));
}

void delete_openid_client(Transaction& transaction, const std::string& id) {
  sql_of(transaction.session()) << "DELETE FROM openid_clients WHERE id = :id", soci::use(id);
}

void insert_openid_code(Transaction& transaction, const OpenidCode& code) {
  soci::session& sql = sql_of(transaction.session());
  const long long user = code.user_id;
  const long long proven = to_millis(code.proven);
  const long long created = to_millis(code.created);
  const long long expires = to_millis(code.expires);
  sql << "DELETE FROM openid_codes WHERE expires < :now", soci::use(created);
  sql << "INSERT INTO openid_codes (hash, " << kCodeColumns
      << ") VALUES (:hash, :client, :user, :uri, :challenge, :nonce, :scope, :proven, :created, "
         ":expires)",
      soci::use(code.hash), soci::use(code.client), soci::use(user), soci::use(code.redirect_uri),
      soci::use(code.challenge), soci::use(code.nonce), soci::use(code.scope), soci::use(proven),
      soci::use(created), soci::use(expires);
}

std::optional<OpenidCode> take_openid_code(Transaction& transaction, const std::string& hash) {
  soci::session& sql = sql_of(transaction.session());
  std::optional<OpenidCode> found;
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT " << kCodeColumns << " FROM openid_codes WHERE hash = :hash",
       soci::use(hash));
  for (const soci::row& row : rows) {
    found = OpenidCode{.hash = hash,
                       .client = row.get<std::string>(0),
                       .user_id = row.get<long long>(1),
                       .redirect_uri = row.get<std::string>(2),
                       .challenge = row.get<std::string>(3),
                       .nonce = row.get<std::string>(4),
                       .scope = row.get<std::string>(5),
                       .proven = from_millis(row.get<long long>(6)),
                       .created = from_millis(row.get<long long>(7)),
                       .expires = from_millis(row.get<long long>(8))};
  }
  soci::statement remove =
      (sql.prepare << "DELETE FROM openid_codes WHERE hash = :hash", soci::use(hash));
  remove.execute(true);
  return remove.get_affected_rows() == 1 ? found : std::nullopt;
}

}  // namespace podplay::store
