// Random values, hashes, hex and base64, and password hashing over libsodium. Passwords are hashed
// with Argon2id and the parameters of OWASP's cheat sheet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay {

// Fills `size` bytes at `into` from the system's random generator.
void random_bytes(void* into, std::size_t size);
// `bytes` random octets as URL-safe base64 without padding.
std::string random_token(std::size_t bytes = 32);
// The 32 octets of the digest.
std::string sha256(std::string_view data);
// Fast: never for anything that a person has chosen, such as a password.
std::string sha256_hex(std::string_view data);
// HMAC-SHA-256 (RFC 2104) in hex. Without `key`, nobody can try out what `data` was.
std::string hmac_sha256_hex(const Secret& key, std::string_view data);
std::string hex(std::string_view bytes);
// RFC 4648 section 4, with padding.
std::string base64(std::string_view bytes);
// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes);
// Reads RFC 4648 section 4; line ends are ignored.
Result<std::string> from_base64(std::string_view text);
// Reads RFC 4648 section 5, without padding.
Result<std::string> from_base64url(std::string_view text);
// HMAC with SHA-256 (RFC 2104); 32 octets.
std::string hmac_sha256(const Secret& key, std::string_view data);
// Takes the same time wherever the texts differ. Their lengths are no secret.
bool equal_constant_time(std::string_view a, std::string_view b);

// What one hash costs, in time and memory: Argon2id with one lane.
struct HashCost {
  // KiB.
  std::uint32_t memory = 19456;
  std::uint32_t passes = 2;
};
// "$argon2id$v=19$m=19456,t=2,p=1$...": 19 MiB, two passes, about 22 ms. Dovecot verifies it as
// {ARGON2ID}.
Result<std::string> hash_password(const Secret& password, const HashCost& cost = {});
// Nothing when the text is no hash of hash_password(), with one lane.
std::optional<HashCost> cost_of_hash(std::string_view hash);
bool verify_password(const std::string& hash, const Secret& password);
// True for hashes that both this program and Dovecot verify, within kHashLimits: one verification
// takes at most about seven times as long as that of a hash made here.
bool is_password_hash(std::string_view text);
// The limits of is_password_hash() in words.
inline constexpr std::string_view kHashLimits =
    "m at most 65536 (KiB), t at most 10, p at most 16, and m times t at most 262144";

}  // namespace podplay
