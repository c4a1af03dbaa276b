// Both are base32 in small letters: no letter looks like a digit of the alphabet.
#include "auth/generated.hpp"

#include "auth/base32.hpp"
#include "base/ascii.hpp"
#include "base/encoding.hpp"

namespace podplay::auth {
namespace {

constexpr std::size_t kRecoveryBytes = 10;
constexpr std::size_t kAppPasswordBytes = 16;

std::string random_base32(std::size_t bytes) {
  std::string raw(bytes, '\0');
  random_bytes(raw.data(), raw.size());
  return lower(base32(raw));
}

// Four characters a group.
std::string in_groups(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    result += (i == 0 ? "" : "-") + text.substr(i, 4);
  }
  return result;
}

}  // namespace

std::vector<Secret> make_recovery_codes() {
  std::vector<Secret> codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    codes.emplace_back(in_groups(random_base32(kRecoveryBytes)));
  }
  return codes;
}

std::string recovery_code_hash(std::string_view typed) {
  const auto bytes = from_base32(typed);
  return bytes && bytes->size() == kRecoveryBytes ? sha256_hex(*bytes) : std::string();
}

Secret make_app_password() { return Secret("app-" + random_base32(kAppPasswordBytes)); }

std::string app_password_hash(const Secret& password) { return sha256_hex(password.reveal()); }

}  // namespace podplay::auth
