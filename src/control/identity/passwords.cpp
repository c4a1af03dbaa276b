// A longer password is a better one. Control characters are refused, since SASL and Dovecot do not
// take them: a password works at every door or at none.
#include "control/identity/passwords.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;

// U+0000 to U+001F and U+007F to U+009F, in UTF-8 (RFC 8265 section 4.2).
bool has_control_character(std::string_view text) {
  unsigned char before = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f || (before == 0xc2 && octet >= 0x80 && octet < 0xa0)) {
      return true;
    }
    before = octet;
  }
  return false;
}

}  // namespace

void check_password(const Secret& password, std::vector<Fault>& faults) {
  const std::string& text = password.reveal();
  if (has_control_character(text)) {
    faults.push_back({.field = "password",
                      .code = "bad_password",
                      .message = "the password has a control character, such as a tab or the end "
                                 "of a line, which mail programs cannot send",
                      .remedy = "use letters, digits, signs and spaces"});
    return;
  }
  if (text.size() >= kShortestPassword && text.size() <= kLongestPassword) {
    return;
  }
  faults.push_back(
      {.field = "password",
       .code = "bad_password",
       .message = fmt::format("the password has {} characters", text.size()),
       .remedy = fmt::format("use {} to {} characters", kShortestPassword, kLongestPassword)});
}

Result<std::string> check_and_hash(const Secret& password) {
  std::vector<Fault> faults;
  check_password(password, faults);
  TRY(no_faults(std::move(faults)));
  return hash_password(password);
}

}  // namespace podplay::control
