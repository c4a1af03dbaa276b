// Private keys in PEM that sign: ECDSA P-256 and RSA. What a signature and a public key look like
// is that of JSON Web Signatures (RFC 7518 section 3).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::net {

enum class KeyKind { ecdsa_p256, rsa_2048 };

// A new key in PEM.
Result<Secret> make_private_key(KeyKind kind = KeyKind::ecdsa_p256);

// What the public half of a key consists of, in octets, the most significant first.
struct PublicNumbers {
  // ECDSA P-256: 32 octets each. Empty for RSA.
  std::string x{};
  std::string y{};
  // RSA, without leading zeros. Empty for ECDSA.
  std::string modulus{};
  std::string exponent{};
  bool rsa() const { return !modulus.empty(); }
};
// An error for any other curve or algorithm, and for RSA with less than 2048 bits.
Result<PublicNumbers> public_numbers(const Secret& key);

// The public half in PEM (RFC 7468 section 13).
Result<std::string> public_key_pem(const Secret& key);

// Whether `signature` is one of `text` by this key, ES256 or RS256 as sign() makes them.
bool verify(const PublicNumbers& key, std::string_view text, std::string_view signature);

// With ECDSA P-256 it is ES256: r and s, 32 octets each. With RSA it is RS256, PKCS #1 v1.5.
Result<std::string> sign(const Secret& key, std::string_view text);

}  // namespace podplay::net
