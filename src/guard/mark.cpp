// Dovecot hashes NONCE ACCOUNT NUL PASSWORD, and keeps the first bits, shifted to the right.
#include "guard/mark.hpp"

#include "base/encoding.hpp"

namespace podplay::guard {

std::string password_mark(const Secret& nonce, std::string_view account, const Secret& password) {
  if (nonce.empty()) {
    return {};
  }
  std::string text = nonce.reveal();
  text += account;
  text += '\0';
  text += password.reveal();
  const Secret hashed(std::move(text));
  return "0" + sha256_hex(hashed.reveal()).substr(0, 3);
}

}  // namespace podplay::guard
