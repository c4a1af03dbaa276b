// Secrets that the program must read again, such as those of authenticator apps, are sealed in the
// store with a key that is not in the store: a copy of the database alone opens nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::auth {

// A new key, as text for a file.
Secret make_sealing_key();

class Seal {
 public:
  // `key` is the text of a file. Fails when it is no key.
  static Result<Seal> from_key(const Secret& key);

  // XChaCha20-Poly1305, as base64url. `place` says what the secret is and whose it is, such as
  // "totp 7": a sealed text opens at no other place.
  std::string close(const Secret& secret, std::string_view place) const;
  // Fails when the text was changed, is of another place, or was sealed with another key.
  Result<Secret> open(std::string_view sealed, std::string_view place) const;

  // HMAC-SHA-256 of `text` with a key that follows from the seal's: proves that this program wrote
  // the text. 32 octets.
  std::string mark(std::string_view text) const;

 private:
  explicit Seal(Secret key) : key_(std::move(key)) {}
  Secret key_;
};

}  // namespace podplay::auth
