// The nonces that an authority gave us, each for one request (RFC 8555 section 6.5).
#pragma once

#include <deque>
#include <optional>
#include <string>

namespace podplay::acme {

class NoncePool {
 public:
  // Keeps a nonce for later. One that is no base64url text is dropped, as the RFC demands.
  void put(const std::string& nonce);
  // The newest one, which the authority is the least likely to have forgotten.
  std::optional<std::string> take();
  // Drops all: the authority refused one, so older ones are no better.
  void clear() { kept_.clear(); }
  std::size_t size() const { return kept_.size(); }

 private:
  // The newest last; at most 16.
  std::deque<std::string> kept_;
};

}  // namespace podplay::acme
