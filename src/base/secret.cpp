// Wipes a secret's memory when the secret is destroyed. Copies that callers make of the text are
// theirs to wipe.
#include "base/secret.hpp"

#include <sodium.h>

namespace podplay {

Secret::Secret(std::string value) : value_(std::move(value)) {}

Secret::~Secret() {
  if (!value_.empty()) {
    sodium_memzero(value_.data(), value_.size());
  }
}

}  // namespace podplay
