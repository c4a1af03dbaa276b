// One-time passwords of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, steps of 30 s,
// which is what every app takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace podplay::auth {

// 160 random bits, as RFC 4226 section 4 recommends. Octets, not text.
Secret make_totp_secret();
// For people and for apps: base32.
std::string totp_text(const Secret& secret);
// "otpauth://totp/ISSUER:ACCOUNT?secret=...", which apps read from a QR code.
Secret totp_uri(const Secret& secret, std::string_view issuer, std::string_view account);

// The step that `code` belongs to: the present one, the one before or the next, for clocks that are
// wrong. It must be after `used`, the last step that was accepted (RFC 6238 section 5.2: no code
// twice). Blanks in the code are ignored. Takes the same time whichever step it is.
std::optional<std::int64_t> totp_step(const Secret& secret, std::string_view code, WallTime now,
                                      std::int64_t used);
// The code of the step that `now` is in. For tests and for the command line.
std::string totp_code(const Secret& secret, WallTime now);

}  // namespace podplay::auth
