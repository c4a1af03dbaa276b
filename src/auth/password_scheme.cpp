// crypt(3) of libxcrypt verifies the hashes of other systems. What a hash costs stands in its text,
// so it is bounded before anybody tries a password.
#include "auth/password_scheme.hpp"

#include <crypt.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/ascii.hpp"
#include "base/hashing_turn.hpp"
#include "base/numbers.hpp"

namespace podplay::auth {
namespace {

constexpr std::string_view kArgon2id = "{ARGON2ID}";
constexpr std::string_view kSha512Crypt = "{SHA512-CRYPT}";
constexpr std::string_view kBlfCrypt = "{BLF-CRYPT}";

constexpr std::uint32_t kMostRounds = 656'000;
constexpr std::uint32_t kLeastRounds = 1000;
constexpr std::uint32_t kMostBcryptCost = 12;
constexpr std::uint32_t kLeastBcryptCost = 4;
constexpr std::size_t kLongestSalt = 16;
// Characters of the digest.
constexpr std::size_t kSha512Digest = 86;
// Salt and digest together.
constexpr std::size_t kBcryptRest = 53;

bool is_crypt_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '/';
  });
}

// "$6$rounds=5000$salt$digest"; the rounds may be missing.
bool is_sha512_crypt(std::string_view text) {
  constexpr std::string_view kStart = "$6$";
  constexpr std::string_view kRounds = "rounds=";
  if (!text.starts_with(kStart)) {
    return false;
  }
  text.remove_prefix(kStart.size());
  if (text.starts_with(kRounds)) {
    text.remove_prefix(kRounds.size());
    const std::size_t end = std::min(text.find('$'), text.size());
    const auto rounds = parse_number<std::uint32_t>(text.substr(0, end));
    if (!rounds || *rounds < kLeastRounds || *rounds > kMostRounds) {
      return false;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const std::size_t end = text.find('$');
  if (end == text.npos || end == 0 || end > kLongestSalt) {
    return false;
  }
  const std::string_view digest = text.substr(end + 1);
  return is_crypt_text(text.substr(0, end)) && digest.size() == kSha512Digest &&
         is_crypt_text(digest);
}

// "$2y$10$" and the rest. Of the letters, x marks hashes of a faulty program.
bool is_blf_crypt(std::string_view text) {
  constexpr std::size_t kStart = 7;
  if (text.size() != kStart + kBcryptRest || !text.starts_with("$2") || text[3] != '$' ||
      text[6] != '$' || std::string_view("aby").find(text[2]) == std::string_view::npos) {
    return false;
  }
  const auto cost = parse_number<std::uint32_t>(text.substr(4, 2));
  return cost && *cost >= kLeastBcryptCost && *cost <= kMostBcryptCost &&
         is_crypt_text(text.substr(kStart));
}

// Takes the scheme before a hash away; true also when there is none.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (!text.starts_with('{')) {
    return true;
  }
  if (text.size() < scheme.size() || !same_word(text.substr(0, scheme.size()), scheme)) {
    return false;
  }
  text.remove_prefix(scheme.size());
  return true;
}

bool verify_by_crypt(const std::string& hash, const Secret& password) {
  const HashingTurn turn;
  // 32 KiB, too much for the stack of a thread.
  const auto room = std::make_unique<::crypt_data>();
  const char* found = ::crypt_r(password.reveal().c_str(), hash.c_str(), room.get());
  return found != nullptr && equal_constant_time(found, hash);
}

}  // namespace

Result<std::string> take_hash(std::string_view text) {
  std::string_view rest = text;
  if (take_scheme(rest, kArgon2id) && is_password_hash(rest)) {
    return std::string(rest);
  }
  rest = text;
  if (take_scheme(rest, kSha512Crypt) && is_sha512_crypt(rest)) {
    return fmt::format("{}{}", kSha512Crypt, rest);
  }
  rest = text;
  if (take_scheme(rest, kBlfCrypt) && is_blf_crypt(rest)) {
    return fmt::format("{}{}", kBlfCrypt, rest);
  }
  return fail(ErrorKind::invalid, "bad_hash",
              "the password hash is of no known scheme, or verifying it would need too much memory "
              "or time",
              fmt::format("give $argon2id$v=19$m=...,t=...,p=...$SALT$KEY with {}; or {}; or a "
                          "password",
                          kHashLimits, kForeignHashLimits));
}

bool verify(const std::string& hash, const Secret& password) {
  std::string_view rest = hash;
  if (hash.starts_with(kSha512Crypt)) {
    rest.remove_prefix(kSha512Crypt.size());
    return is_sha512_crypt(rest) && verify_by_crypt(std::string(rest), password);
  }
  if (hash.starts_with(kBlfCrypt)) {
    rest.remove_prefix(kBlfCrypt.size());
    return is_blf_crypt(rest) && verify_by_crypt(std::string(rest), password);
  }
  return verify_password(hash, password);
}

bool is_outdated(const std::string& hash, const HashCost& cost) {
  const auto made = cost_of_hash(hash);
  return !made || made->memory < cost.memory || made->passes < cost.passes;
}

}  // namespace podplay::auth
