// liboath computes the codes; which of them counts is decided here.
#include "auth/totp.hpp"

#include <fmt/format.h>
#include <liboath/oath.h>

#include <array>
#include <stdexcept>

#include "auth/base32.hpp"
#include "base/encoding.hpp"

namespace podplay::auth {
namespace {

constexpr std::int64_t kStepSeconds = 30;
constexpr unsigned kDigits = 6;
constexpr std::size_t kSecretBytes = 20;

std::int64_t step_of(WallTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() /
         kStepSeconds;
}

std::string code_of_step(const Secret& secret, std::int64_t step) {
  static const int started = ::oath_init();
  std::array<char, kDigits + 1> code{};
  const std::string& key = secret.reveal();
  if (started != OATH_OK ||
      ::oath_totp_generate(key.data(), key.size(), static_cast<time_t>(step * kStepSeconds),
                           kStepSeconds, 0, kDigits, code.data()) != OATH_OK) {
    throw std::runtime_error("liboath cannot compute a code");
  }
  return {code.data(), kDigits};
}

// RFC 3986 section 2.1.
std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

}  // namespace

Secret make_totp_secret() {
  std::string bytes(kSecretBytes, '\0');
  random_bytes(bytes.data(), bytes.size());
  return Secret(std::move(bytes));
}

std::string totp_text(const Secret& secret) { return base32(secret.reveal()); }

Secret totp_uri(const Secret& secret, std::string_view issuer, std::string_view account) {
  const std::string name = percent_encoded(issuer);
  return Secret(
      fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits={}&period={}",
                  name, percent_encoded(account), totp_text(secret), name, kDigits, kStepSeconds));
}

std::optional<std::int64_t> totp_step(const Secret& secret, std::string_view code, WallTime now,
                                      std::int64_t used) {
  std::string digits;
  for (const char c : code) {
    if (c != ' ') {
      digits += c;
    }
  }
  std::optional<std::int64_t> found;
  const std::int64_t present = step_of(now);
  for (std::int64_t step = present - 1; step <= present + 1; ++step) {
    if (equal_constant_time(code_of_step(secret, step), digits) && step > used) {
      found = step;
    }
  }
  return found;
}

std::string totp_code(const Secret& secret, WallTime now) {
  return code_of_step(secret, step_of(now));
}

}  // namespace podplay::auth
