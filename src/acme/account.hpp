// Accounts at an authority (RFC 8555 section 7.3). An account is its key: whoever keeps the key can
// find the account again. The caller keeps a new key before it is used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acme/client.hpp"

namespace podplay::acme {

enum class AccountStatus { valid, deactivated, revoked, unknown };

struct Account {
  std::string url;
  AccountStatus status = AccountStatus::unknown;
  // "mailto:admin@a.test".
  std::vector<std::string> contact;
};

// What ties an ACME account to one that exists at the authority's web site (RFC 8555
// section 7.3.4).
struct ExternalAccount {
  std::string key_id;
  // In octets.
  Secret key;
};
// Reads the key as authorities show it: base64url with or without padding, or plain base64.
Result<ExternalAccount> parse_external_account(const std::string& key_id, const Secret& key);

struct NewAccount {
  // E-mail addresses; may be empty.
  std::vector<std::string> emails{};
  // The administrator has read directory().terms and agrees.
  bool terms_agreed = false;
  std::optional<ExternalAccount> external{};
};

// Makes the account of `key`, or finds the one that it has already, and signs with it from now on.
Result<Account> create_account(Client& client, const Secret& key, const NewAccount& request);
// Finds the account of `key` without making one, and signs with it from now on.
Result<Account> find_account(Client& client, const Secret& key);

// For the client's account.
Result<Account> get_account(Client& client);
Result<Account> change_contact(Client& client, const std::vector<std::string>& emails);
// Forever: the authority refuses every later request of this account.
Status deactivate_account(Client& client);
// Gives the account a new key (RFC 8555 section 7.3.5), and signs with that from now on. When the
// answer gets lost, find_account() with the new key tells whether it took effect. Not while an
// issuance waits for validation: its challenges name the old key.
Status roll_over_key(Client& client, const Secret& new_key);

}  // namespace podplay::acme
