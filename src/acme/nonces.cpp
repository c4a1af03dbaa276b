// Every answer brings a nonce, so that one is usually there.
#include "acme/nonces.hpp"

namespace podplay::acme {
namespace {

constexpr std::size_t kMostKept = 16;
constexpr std::size_t kLongest = 512;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

void NoncePool::put(const std::string& nonce) {
  if (nonce.empty() || nonce.size() > kLongest ||
      nonce.find_first_not_of(kAlphabet) != nonce.npos) {
    return;
  }
  kept_.push_back(nonce);
  if (kept_.size() > kMostKept) {
    kept_.pop_front();
  }
}

std::optional<std::string> NoncePool::take() {
  if (kept_.empty()) {
    return std::nullopt;
  }
  std::string nonce = std::move(kept_.back());
  kept_.pop_back();
  return nonce;
}

}  // namespace podplay::acme
