// Accounts, orders and challenges of ACME authorities in the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/acme_account.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<AcmeAccount> find_acme_account(Session& session, const std::string& name);
// In order of name.
std::vector<AcmeAccount> list_acme_accounts(Session& session);
void put_acme_account(Transaction& transaction, const AcmeAccount& account);
void delete_acme_account(Transaction& transaction, const std::string& name);

// open: it goes on, also after a crash. done: its certificate was kept. failed: the authority
// refused it. abandoned: nobody wants it any more.
enum class OrderState { open, done, failed, abandoned };
std::string_view to_text(OrderState state);

struct AcmeOrder {
  std::int64_t id = 0;
  std::string certificate;
  std::string account;
  OrderState state = OrderState::open;
  // Sorted.
  std::vector<std::string> names;
  // RFC 9773 section 5; empty for a first certificate.
  std::string replaces;
  // Ordered in spite of the preflight and of the counted limits.
  bool forced = false;
  // JSON of acme::Issuance.
  std::string issuance;
  // The revision that put the new version in use, which is not proven yet; 0: none did.
  Revision installed = 0;
  // The version that comes back when the new one is refused, and its issuer.
  std::string previous_version;
  std::string previous_issuer;
  // Why it failed, in words.
  std::string error;
  std::vector<std::string> failed_names;
  WallTime created{};
  WallTime ended{};
};

std::optional<AcmeOrder> find_open_order(Session& session, const std::string& certificate);
// Newest first.
std::vector<AcmeOrder> list_orders(Session& session, const std::string& certificate,
                                   std::int64_t limit);
// Those of an account that were made since `since`, newest first: what authorities count.
std::vector<AcmeOrder> list_orders_since(Session& session, const std::string& account,
                                         WallTime since);
std::int64_t count_open_orders(Session& session, const std::string& account);
void put_order(Transaction& transaction, const AcmeOrder& order);
// Deletes at most `limit` orders that ended before `time`. Returns how many were deleted.
std::int64_t delete_ended_orders(Transaction& transaction, WallTime time, std::int64_t limit);

// What is placed now for an authority to look at.
struct AcmeChallenge {
  std::string token;
  // "http-01", "dns-01" or "tls-alpn-01".
  std::string type;
  // The DNS name or IP address, without "*.".
  std::string identifier;
  std::string key_authorization;
  // Of dns-01: our zone, the record's name in it, and its text. In a zone of others `zone` is
  // empty, and the name is absolute. Otherwise all three are empty.
  std::string zone;
  std::string txt_name;
  std::string txt_value;
  WallTime created{};
};

std::optional<AcmeChallenge> find_challenge(Session& session, const std::string& token);
std::vector<AcmeChallenge> list_challenges(Session& session);
// Those whose TXT records belong to this zone, in order of token.
std::vector<AcmeChallenge> list_zone_challenges(Session& session, const std::string& zone);
void put_challenge(Transaction& transaction, const AcmeChallenge& challenge);
void delete_challenge(Transaction& transaction, const std::string& token);

}  // namespace podplay::store
