// The hashes of people's passwords. Ours are Argon2id. Hashes of other systems, {SHA512-CRYPT} and
// {BLF-CRYPT} as Dovecot writes them, are taken over as they are; a login replaces them by ours,
// since only then the password is at hand.
#pragma once

#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::auth {

// The form in which the store keeps a hash that was made elsewhere: "$argon2id$...",
// "{SHA512-CRYPT}$6$..." or "{BLF-CRYPT}$2y$...". Takes the same with or without the scheme before
// it. Fails when the hash is of another scheme, is malformed, or would take too long to verify.
Result<std::string> take_hash(std::string_view text);
// The limits of take_hash() in words.
inline constexpr std::string_view kForeignHashLimits =
    "{SHA512-CRYPT} with at most 656000 rounds, {BLF-CRYPT} with a cost of at most 12";

// Any hash that take_hash() gives. False also for an empty or unknown hash.
bool verify(const std::string& hash, const Secret& password);
// True when a hash is none of ours, or cheaper to guess than one made with `cost`.
bool is_outdated(const std::string& hash, const HashCost& cost);

}  // namespace podplay::auth
