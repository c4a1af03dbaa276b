// Length is the only rule: a longer password is a better one; other rules only seem to help.
#include "control/identity/passwords.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;

}  // namespace

void check_password(const Secret& password, std::vector<Fault>& faults) {
  const std::string& text = password.reveal();
  const bool has_nul = text.find('\0') != std::string::npos;
  if (text.size() >= kShortestPassword && text.size() <= kLongestPassword && !has_nul) {
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
