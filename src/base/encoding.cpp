// Random values, hashes, encodings and password hashing over libsodium. No more passwords are
// hashed at once than there are processors, so that many logins cannot use up the memory.
#include "base/encoding.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/hashing_turn.hpp"
#include "base/numbers.hpp"

namespace podplay {
namespace {

constexpr std::size_t kKib = 1024;
// Limits of a hash made elsewhere: KiB, passes, lanes, and KiB times passes, which is what its time
// grows with (RFC 9106 section 3.1). kHashLimits says them in words.
constexpr std::uint32_t kMostMemory = 64U << 10;
constexpr std::uint32_t kMostPasses = 10;
constexpr std::uint32_t kMostLanes = 16;
constexpr std::uint32_t kMostWork = 4 * kMostMemory;
// Octets in base64: 8 of the salt and 16 of the key, the least that libsodium verifies.
constexpr std::size_t kShortestSalt = 11;
constexpr std::size_t kShortestKey = 22;

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) {
    throw std::runtime_error("libsodium cannot start: no source of random numbers");
  }
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), variant);
  // Without the terminating zero.
  text.pop_back();
  return text;
}

bool is_affordable(std::uint32_t memory, std::uint32_t passes, std::uint32_t lanes) {
  // Each lane needs 8 KiB.
  return lanes >= 1 && lanes <= kMostLanes && memory >= 8 * lanes && memory <= kMostMemory &&
         passes >= 1 && passes <= kMostPasses && memory * passes <= kMostWork;
}

bool is_base64(std::string_view text, std::size_t shortest) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() >= shortest && text.find_first_not_of(kAllowed) == text.npos;
}

struct ParsedHash {
  HashCost cost{};
  std::uint32_t lanes = 0;
};

// A hash within the limits.
std::optional<ParsedHash> parse_hash(std::string_view text) {
  constexpr std::string_view kStart = "$argon2id$v=19$m=";
  if (!text.starts_with(kStart) || text.size() >= crypto_pwhash_STRBYTES) {
    return std::nullopt;
  }
  text.remove_prefix(kStart.size());
  // "19456,t=2,p=1$salt$key"
  const auto take = [&text](std::string_view until) {
    const std::size_t end = std::min(text.find(until), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + until.size(), text.size()));
    return part;
  };
  const auto memory = parse_number<std::uint32_t>(take(",t="));
  const auto passes = parse_number<std::uint32_t>(take(",p="));
  const auto lanes = parse_number<std::uint32_t>(take("$"));
  const std::string_view salt = take("$");
  if (!memory || !passes || !lanes || !is_affordable(*memory, *passes, *lanes) ||
      !is_base64(salt, kShortestSalt) || !is_base64(text, kShortestKey)) {
    return std::nullopt;
  }
  return ParsedHash{.cost = {.memory = *memory, .passes = *passes}, .lanes = *lanes};
}

std::optional<std::string> decode(std::string_view text, const char* ignored, int variant) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  const char* end = text.data();
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), ignored, &length, &end, variant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

}  // namespace

void random_bytes(void* into, std::size_t size) { ::randombytes_buf(into, size); }

std::string random_token(std::size_t bytes) {
  start_sodium();
  std::string raw(bytes, '\0');
  randombytes_buf(raw.data(), raw.size());
  return base64url(raw);
}

std::string sha256(std::string_view data) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), octets(data), data.size());
  return digest;
}

std::string sha256_hex(std::string_view data) { return hex(sha256(data)); }

std::string hmac_sha256(const Secret& key, std::string_view data) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, octets(key.reveal()), key.reveal().size());
  crypto_auth_hmacsha256_update(&state, octets(data), data.size());
  std::string code(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(code.data()));
  return code;
}

std::string hmac_sha256_hex(const Secret& key, std::string_view data) {
  return hex(hmac_sha256(key, data));
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string base64(std::string_view bytes) { return encode(bytes, sodium_base64_VARIANT_ORIGINAL); }
std::string base64url(std::string_view bytes) {
  return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

Result<std::string> from_base64(std::string_view text) {
  if (auto bytes = decode(text, "\r\n", sodium_base64_VARIANT_ORIGINAL)) {
    return std::move(*bytes);
  }
  return fail(ErrorKind::invalid, "base64", "the text is not base64",
              "encode it as RFC 4648 section 4 says");
}

Result<std::string> from_base64url(std::string_view text) {
  if (auto bytes = decode(text, "", sodium_base64_VARIANT_URLSAFE_NO_PADDING)) {
    return std::move(*bytes);
  }
  return fail(ErrorKind::invalid, "base64url", "the text is not URL-safe base64 without padding",
              "encode it as RFC 4648 section 5 says");
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> hash_password(const Secret& password, const HashCost& cost) {
  start_sodium();
  const HashingTurn turn;
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  const std::string& text = password.reveal();
  if (crypto_pwhash_str_alg(hash.data(), text.data(), text.size(), cost.passes, cost.memory * kKib,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::unavailable, "out_of_memory",
                fmt::format("hashing a password needs {} KiB of memory, which the system did not "
                            "give",
                            cost.memory),
                "raise the memory limit of the container");
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool verify_password(const std::string& hash, const Secret& password) {
  start_sodium();
  if (!is_password_hash(hash)) {
    return false;
  }
  const HashingTurn turn;
  const std::string& text = password.reveal();
  return crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
}

std::optional<HashCost> cost_of_hash(std::string_view hash) {
  const auto found = parse_hash(hash);
  return found && found->lanes == 1 ? std::optional(found->cost) : std::nullopt;
}

bool is_password_hash(std::string_view text) { return parse_hash(text).has_value(); }

}  // namespace podplay
