// What proves a person beside the password: an authenticator app (TOTP), passkeys, recovery codes;
// and app passwords, which prove a mail program. The store keeps no secret of them in clear.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/service.hpp"

namespace podplay {

// An authenticator app.
struct Totp {
  std::int64_t user_id = 0;
  // Sealed (auth/sealing.hpp).
  std::string secret;
  // False: the person has not shown yet that the app has the secret.
  bool confirmed = false;
  // The last step whose code was used (auth/totp.hpp).
  std::int64_t last_step = 0;
  WallTime created{};
  // 1970: never.
  WallTime last_used{};
};

// A passkey and its name. Keys and ids are octets in base64url (auth/webauthn.hpp says what they
// are).
struct StoredPasskey {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  // Given by the person, such as "phone".
  std::string name;
  std::string credential;
  // COSE (RFC 9053).
  std::int64_t algorithm = 0;
  std::string public_key;
  std::int64_t counter = 0;
  bool may_be_copied = false;
  bool is_copied = false;
  // AAGUID in hex.
  std::string product;
  WallTime created{};
  WallTime last_used{};
};

// Which second factors a user has.
struct FactorOverview {
  std::string email;
  // PODPLAY_SECOND_FACTOR demands one of this user's role.
  bool required = false;
  // A login needs one, and mail takes app passwords only.
  bool second_factor = false;
  bool totp = false;
  std::int64_t passkeys = 0;
  std::int64_t recovery_codes = 0;
  // When the recovery codes were made; 1970: there are none.
  WallTime recovery_codes_created{};
};

// Where an app password may be used.
enum class MailProtocol { imap, pop3, smtp, sieve };
// "imap", "pop3", "smtp", "sieve", as Dovecot names them.
std::string_view to_text(MailProtocol protocol);
Result<MailProtocol> parse_mail_protocol(std::string_view text,
                                         std::string_view field = "protocols");

struct AppPassword {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  // Of the device or program, such as "phone".
  std::string name;
  // SHA-256 in hex.
  std::string hash;
  std::set<MailProtocol> protocols;
  WallTime created{};
  // 1970: never. Some minutes late.
  WallTime last_used{};
  std::string last_address;
  std::string last_protocol;
  Revision revision = 0;

  bool operator==(const AppPassword&) const = default;
};

// A login with an app password, as a mail agent saw it.
struct AppPasswordUse {
  std::int64_t id = 0;
  WallTime at{};
  std::string address;
  std::string protocol;

  bool operator==(const AppPasswordUse&) const = default;
};

}  // namespace podplay
