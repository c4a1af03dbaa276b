// Passwords that the pod makes: recovery codes and app passwords. Both are random and long, so a
// fast hash keeps them; a person's own password never gets one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace podplay::auth {

inline constexpr std::size_t kRecoveryCodes = 10;

// Ten codes of 80 bits, such as "mzxw-6ytb-oi4t-c2lq".
std::vector<Secret> make_recovery_codes();
// SHA-256 in hex of a code as somebody typed it: capital letters, blanks and hyphens do not matter.
// Empty: the text cannot be a recovery code.
std::string recovery_code_hash(std::string_view typed);

// "app-" and 128 bits in 26 small letters and digits, as a phone's keyboard types them. By its
// beginning Dovecot knows that a fast hash will do (services/mail, dovecot.conf).
Secret make_app_password();
// SHA-256 in hex, as Dovecot computes it: of the password exactly as it was sent.
std::string app_password_hash(const Secret& password);

}  // namespace podplay::auth
