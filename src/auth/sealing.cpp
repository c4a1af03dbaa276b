// Nonces are random: 192 bits do not repeat. A sealed text is the nonce and what libsodium gives.
#include "auth/sealing.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include "base/encoding.hpp"

namespace podplay::auth {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::unexpected<Error> cannot_open(std::string_view place) {
  return fail(ErrorKind::io, "sealed_elsewhere",
              fmt::format("what is sealed as '{}' cannot be opened: it was changed, or sealed with "
                          "another key",
                          place),
              "put the file sealing.key of the state volume back from the backup; without it, "
              "reset the second factors of those who have one");
}

}  // namespace

Secret make_sealing_key() { return Secret(random_token(kKeyBytes)); }

Result<Seal> Seal::from_key(const Secret& key) {
  auto bytes = from_base64url(key.reveal());
  if (!bytes || bytes->size() != kKeyBytes) {
    return fail(ErrorKind::io, "bad_sealing_key",
                fmt::format("the sealing key is not {} octets in base64url", kKeyBytes),
                "put the file sealing.key of the state volume back from the backup");
  }
  return Seal(Secret(std::move(*bytes)));
}

std::string Seal::close(const Secret& secret, std::string_view place) const {
  const std::string& text = secret.reveal();
  std::string nonce(kNonceBytes, '\0');
  random_bytes(nonce.data(), nonce.size());
  std::string closed(text.size() + kTagBytes, '\0');
  unsigned long long length = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(octets(closed), &length, octets(text), text.size(),
                                             octets(place), place.size(), nullptr, octets(nonce),
                                             octets(key_.reveal()));
  return base64url(nonce + closed);
}

Result<Secret> Seal::open(std::string_view sealed, std::string_view place) const {
  const auto bytes = from_base64url(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) {
    return cannot_open(place);
  }
  const std::string_view closed = std::string_view(*bytes).substr(kNonceBytes);
  std::string text(closed.size() - kTagBytes, '\0');
  unsigned long long length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(octets(text), &length, nullptr, octets(closed),
                                                 closed.size(), octets(place), place.size(),
                                                 octets(*bytes), octets(key_.reveal())) != 0) {
    return cannot_open(place);
  }
  return Secret(std::move(text));
}

std::string Seal::mark(std::string_view text) const {
  return hmac_sha256(Secret(hmac_sha256(key_, "marks")), text);
}

}  // namespace podplay::auth
