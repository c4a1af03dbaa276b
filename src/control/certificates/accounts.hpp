// Accounts at ACME authorities as use-cases. Each call speaks with the authority and answers when
// it has. All are for administrators.
#pragma once

#include <string>
#include <vector>

#include "acme/client.hpp"
#include "control/context.hpp"
#include "model/acme_account.hpp"

namespace podplay::control {

struct NewAcmeAccount {
  // a-z, 0-9 and -, at most 40; not "internal" or "file". Empty: the directory's own name, such as
  // "letsencrypt".
  std::string name{};
  // "letsencrypt", "letsencrypt-staging", or the URL of a directory.
  std::string directory{};
  // PEM; empty: the system's CAs.
  std::string ca{};
  // False for an authority whose certificates no browser trusts. letsencrypt-staging is so by
  // itself.
  bool trusted = true;
  // E-mail addresses.
  std::vector<std::string> contact{};
  // The URL of the terms of service that the administrator has read and accepts.
  std::string terms{};
  // RFC 8555 section 7.3.4; both or none.
  std::string external_id{};
  Secret external_key{};
};

// Asking again with the same name goes on where a call was cut off. Audit event
// ACME_ACCOUNT_CREATED.
Result<AcmeAccount> create_acme_account(Context& context, const Actor& actor,
                                        const NewAcmeAccount& wanted);
Result<std::vector<AcmeAccount>> list_acme_accounts(Context& context);
Result<AcmeAccount> get_acme_account(Context& context, const std::string& name);
// Audit event ACME_ACCOUNT_CHANGED.
Result<AcmeAccount> change_acme_contact(Context& context, const Actor& actor,
                                        const std::string& name,
                                        const std::vector<std::string>& contact);
// Gives the account a new key (RFC 8555 section 7.3.5). Refused while an order is open: its
// challenges name the old key. Audit event ACME_ACCOUNT_KEY_CHANGED.
Result<AcmeAccount> roll_over_acme_key(Context& context, const Actor& actor,
                                       const std::string& name);
// Forever. Refused while a certificate's issuer is this account. Audit event
// ACME_ACCOUNT_DEACTIVATED.
Result<AcmeAccount> deactivate_acme_account(Context& context, const Actor& actor,
                                            const std::string& name);
// Forgets it and erases its key; only one that is deactivated, or that the authority never
// confirmed. Audit event ACME_ACCOUNT_DELETED.
Status delete_acme_account(Context& context, const Actor& actor, const std::string& name);

// A client that signs for the account.
Result<std::unique_ptr<acme::Client>> open_acme_client(Context& context,
                                                       const AcmeAccount& account);

}  // namespace podplay::control
