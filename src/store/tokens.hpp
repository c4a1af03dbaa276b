// Programs' logins, found by the hash of their token.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/login.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_token(Transaction& transaction, const Token& token);
std::optional<Token> find_token(Session& session, const std::string& hash);
std::optional<Token> find_token(Session& session, std::int64_t id);
// Those of a user that have not expired, newest first.
std::vector<Token> list_tokens(Session& session, std::int64_t user_id, WallTime now);
// Its user was proven again.
void prove_token(Transaction& transaction, std::int64_t id, Strength strength, WallTime proven);
// Also ends the tokens that it made.
void delete_token(Transaction& transaction, std::int64_t id);
// All of a user but the one with the id `except`; 0: all.
void delete_tokens_of(Transaction& transaction, std::int64_t user_id, std::int64_t except = 0);
// Those of all users of a domain whose role is not admin.
void delete_tokens_in(Transaction& transaction, const std::string& domain);

}  // namespace podplay::store
