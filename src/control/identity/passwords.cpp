// A longer password is a better one, and rules about kinds of characters only seem to help (NIST SP
// 800-63B section 5.1.1.2). What a person chooses must not be among the first guesses, though.
// Control characters are refused, since SASL and Dovecot do not take them: a password works at
// every door or at none.
#include "control/identity/passwords.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/control_character.hpp"
#include "base/encoding.hpp"
#include "control/identity/first_guesses.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestPassword = 1024;

// U+0000 to U+001F and U+007F to U+009F, in UTF-8 (RFC 8265 section 4.2).
bool has_control_character(std::string_view text) {
  unsigned char before = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (is_control(c) || (before == 0xc2 && octet >= 0x80 && octet < 0xa0)) {
      return true;
    }
    before = octet;
  }
  return false;
}

// Empty when nothing is wrong.
Fault fault_of(const std::string& text, PasswordChoice choice, std::string_view email) {
  if (has_control_character(text)) {
    return {.message =
                "the password has a control character, such as a tab or the end of a line, which "
                "mail programs cannot send",
            .remedy = "use letters, digits, signs and spaces"};
  }
  if (text.size() < kShortestPassword || text.size() > kLongestPassword) {
    return {.message = fmt::format("the password has {} characters", text.size()),
            .remedy = fmt::format("use {} to {} characters", kShortestPassword, kLongestPassword)};
  }
  if (is_blank(text)) {
    return {.message = "the password has only blanks",
            .remedy = "use some words that belong to nobody else"};
  }
  if (choice == PasswordChoice::own && is_first_guess(text, email)) {
    return {.message = "the password is one of the first that others would try",
            .remedy = "use several words, or let a password manager make one"};
  }
  return {};
}

}  // namespace

void check_password(const Secret& password, PasswordChoice choice, std::string_view email,
                    std::vector<Fault>& faults) {
  Fault fault = fault_of(password.reveal(), choice, email);
  if (fault.message.empty()) {
    return;
  }
  fault.field = "password";
  fault.code = "bad_password";
  faults.push_back(std::move(fault));
}

void warn_of_guesses(const Secret& password, std::string_view email,
                     std::vector<std::string>& warnings) {
  if (is_first_guess(password.reveal(), email)) {
    warnings.emplace_back(
        "the password is one of the first that others would try: have it changed soon");
  }
}

PasswordChoice choice_for_others(const Settings& settings) {
  return settings.text("PODPLAY_PROFILE") == "lab" ? PasswordChoice::given : PasswordChoice::own;
}

Result<std::string> check_and_hash(const Secret& password, PasswordChoice choice,
                                   std::string_view email, const HashCost& cost) {
  std::vector<Fault> faults;
  check_password(password, choice, email, faults);
  TRY(no_faults(std::move(faults)));
  return hash_password(password, cost);
}

}  // namespace podplay::control
