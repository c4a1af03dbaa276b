// The tokens of logins, found by their hash alone.
#pragma once

#include <optional>
#include <string>

#include "store/store.hpp"

namespace podplay::store {

struct TokenRow {
  // The SHA-256 of the token in hex. The token itself is never stored.
  std::string hash;
  std::int64_t user_id = 0;
  WallTime created{};
  WallTime expires{};
};
void insert_token(Transaction& transaction, const TokenRow& row);
std::optional<TokenRow> find_token(Session& session, const std::string& hash);
void delete_token(Transaction& transaction, const std::string& hash);
void delete_tokens_of(Transaction& transaction, std::int64_t user_id);
// Those of all users of a domain whose role is not admin.
void delete_tokens_in(Transaction& transaction, const std::string& domain);

}  // namespace podplay::store
