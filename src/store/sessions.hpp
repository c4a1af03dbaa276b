// Tokens, audit events, the answers that are kept for Idempotency-Key, and the settings of the last
// run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

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

struct AuditRow {
  std::int64_t id = 0;
  WallTime at{};
  // "USER_CREATED"
  std::string event;
  // An e-mail address, or "system".
  std::string actor;
  // The object of the event.
  std::string subject;
  std::string request_id;
  std::string remote_address;
};
// Takes the next id for the event.
void insert_audit(Transaction& transaction, AuditRow row);
// Newest first, below the id `before`. With 0 the list begins with the newest.
std::vector<AuditRow> list_audit(Session& session, std::int64_t before, std::int64_t limit);

struct KeptAnswer {
  std::string request_hash;
  int status = 0;
  std::string body;
};
// Nothing when the answer was put before `since`: it no longer counts, and put_answer() replaces
// it.
std::optional<KeptAnswer> find_answer(Session& session, const std::string& actor,
                                      const std::string& key, WallTime since);
void put_answer(Transaction& transaction, const std::string& actor, const std::string& key,
                const KeptAnswer& answer, WallTime now);
void delete_answer(Transaction& transaction, const std::string& actor, const std::string& key);

std::map<std::string, std::string> kept_settings(Session& session);
void keep_settings(Transaction& transaction, const std::map<std::string, std::string>& settings);

}  // namespace podplay::store
