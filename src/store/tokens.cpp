// The store never sees a token, only its hash.
#include "store/tokens.hpp"

#include "store/connection.hpp"
#include "store/words.hpp"

namespace podplay::store {
namespace {

constexpr const char* kTokenColumns =
    "id, hash, user_id, parent, name, scopes, networks, strength, address, created, "
    "proven, expires, last_used, last_address";

Token to_token(const soci::row& row) {
  return {.id = row.get<long long>(0),
          .hash = row.get<std::string>(1),
          .user_id = row.get<long long>(2),
          .parent = row.get_indicator(3) == soci::i_null ? 0 : row.get<long long>(3),
          .name = row.get<std::string>(4),
          .scopes = Scopes::parse(split_words(row.get<std::string>(5))).value_or(Scopes::none()),
          .networks = split_words(row.get<std::string>(6)),
          .strength = parse_strength(row.get<std::string>(7)).value_or(Strength::single_factor),
          .address = row.get<std::string>(8),
          .created = from_millis(row.get<long long>(9)),
          .proven = from_millis(row.get<long long>(10)),
          .expires = from_millis(row.get<long long>(11)),
          .last_used = from_millis(row.get<long long>(12)),
          .last_address = row.get<std::string>(13)};
}

std::optional<Token> first_token(const soci::rowset<soci::row>& rows) {
  for (const soci::row& row : rows) {
    return to_token(row);
  }
  return std::nullopt;
}

}  // namespace

void insert_token(Transaction& transaction, const Token& token) {
  const long long id = token.id;
  const long long user = token.user_id;
  const long long parent = token.parent;
  soci::indicator has_parent = parent == 0 ? soci::i_null : soci::i_ok;
  const std::string scopes = join_words(token.scopes.words());
  const std::string networks = join_words(token.networks);
  const std::string strength(to_text(token.strength));
  const long long created = to_millis(token.created);
  const long long proven = to_millis(token.proven);
  const long long expires = to_millis(token.expires);
  const long long used = to_millis(token.last_used);
  sql_of(transaction.session())
      << "INSERT INTO tokens (" << kTokenColumns
      << ") VALUES (:id, :hash, :user, :parent, :name, :scopes, :networks, :strength, :address, "
         ":created, :proven, :expires, :used, :last_address)",
      soci::use(id), soci::use(token.hash), soci::use(user), soci::use(parent, has_parent),
      soci::use(token.name), soci::use(scopes), soci::use(networks), soci::use(strength),
      soci::use(token.address), soci::use(created), soci::use(proven), soci::use(expires),
      soci::use(used), soci::use(token.last_address);
}

std::optional<Token> find_token(Session& session, const std::string& hash) {
  return first_token(
      (sql_of(session).prepare << "SELECT " << kTokenColumns << " FROM tokens WHERE hash = :hash",
       soci::use(hash)));
}

std::optional<Token> find_token(Session& session, std::int64_t id) {
  const long long key = id;
  return first_token(
      (sql_of(session).prepare << "SELECT " << kTokenColumns << " FROM tokens WHERE id = :id",
       soci::use(key)));
}

std::vector<Token> list_tokens(Session& session, std::int64_t user_id, WallTime now) {
  const long long user = user_id;
  const long long at = to_millis(now);
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kTokenColumns
                               << " FROM tokens WHERE user_id = :user AND expires > :at ORDER BY "
                                  "id DESC",
       soci::use(user), soci::use(at));
  std::vector<Token> tokens;
  for (const soci::row& row : rows) {
    tokens.push_back(to_token(row));
  }
  return tokens;
}

void prove_token(Transaction& transaction, std::int64_t id, Strength strength, WallTime proven) {
  const long long key = id;
  const std::string word(to_text(strength));
  const long long at = to_millis(proven);
  sql_of(transaction.session())
      << "UPDATE tokens SET strength = :strength, proven = :proven WHERE id = :id",
      soci::use(word), soci::use(at), soci::use(key);
}

void delete_token(Transaction& transaction, std::int64_t id) {
  const long long key = id;
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE id = :id", soci::use(key);
}

void delete_tokens_of(Transaction& transaction, std::int64_t user_id, std::int64_t except) {
  const long long user = user_id;
  const long long kept = except;
  // The kept one goes on without the token that made it.
  sql_of(transaction.session()) << "UPDATE tokens SET parent = NULL WHERE id = :kept",
      soci::use(kept);
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE user_id = :user AND id <> :kept",
      soci::use(user), soci::use(kept);
}

void delete_tokens_in(Transaction& transaction, const std::string& domain) {
  sql_of(transaction.session()) << "DELETE FROM tokens WHERE user_id IN (SELECT id FROM users "
                                   "WHERE domain = :domain AND role <> 'admin')",
      soci::use(domain);
}

}  // namespace podplay::store
