// A longer password is a better one, and rules about kinds of characters only seem to help (NIST SP
// 800-63B section 5.1.1.2). What a person chooses must not be among the first guesses, though.
#include "control/identity/passwords.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "control/identity/first_guesses.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;

// Empty when nothing is wrong.
Fault fault_of(const std::string& text, PasswordChoice choice, std::string_view email) {
  const bool has_nul = text.find('\0') != std::string::npos;
  if (text.size() < kShortestPassword || text.size() > kLongestPassword || has_nul) {
    return {.message = fmt::format("the password has {} characters{}", text.size(),
                                   has_nul ? ", one of which is NUL" : ""),
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

Result<std::string> check_and_hash(const Secret& password, PasswordChoice choice,
                                   std::string_view email) {
  std::vector<Fault> faults;
  check_password(password, choice, email, faults);
  TRY(no_faults(std::move(faults)));
  return hash_password(password);
}

}  // namespace podplay::control
