// Base32 (RFC 4648 section 6) as people type it: small or capital letters, blanks and hyphens
// anywhere, no padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podplay::auth {

// Capital letters, without padding.
std::string base32(std::string_view bytes);
// The octets of what somebody typed; nothing when it is no base32.
std::optional<std::string> from_base32(std::string_view text);

}  // namespace podplay::auth
