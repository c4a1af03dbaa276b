// Tokens, audit events, answers kept for Idempotency-Key, and the settings seen last.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

struct TokenRow {
  // SHA-256 of the token, hex: the token itself is never stored
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
  // e-mail address, or "system"
  std::string actor;
  // what it was done to
  std::string subject;
  std::string request_id;
  std::string remote_address;
};
// takes its id
void insert_audit(Transaction& transaction, AuditRow row);
// newest first; 0: from the newest
std::vector<AuditRow> list_audit(Session& session, std::int64_t before, std::int64_t limit);

struct KeptAnswer {
  std::string request_hash;
  int status = 0;
  std::string body;
};
// Nothing when it was put before `since`: it counts no more, and put_answer() replaces it.
std::optional<KeptAnswer> find_answer(Session& session, const std::string& actor,
                                      const std::string& key, WallTime since);
void put_answer(Transaction& transaction, const std::string& actor, const std::string& key,
                const KeptAnswer& answer, WallTime now);
void delete_answer(Transaction& transaction, const std::string& actor, const std::string& key);

std::map<std::string, std::string> kept_settings(Session& session);
void keep_settings(Transaction& transaction, const std::map<std::string, std::string>& settings);

}  // namespace podplay::store
