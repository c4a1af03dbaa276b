// Five bits a character. Bits that are left over at the end must be zero, so that one value has one
// spelling.
#include "auth/base32.hpp"

namespace podplay::auth {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string base32(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  unsigned held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = held << 8U | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) {
      text += kAlphabet[held >> static_cast<unsigned>(bits - 5) & 31U];
    }
    held &= (1U << static_cast<unsigned>(bits)) - 1;
  }
  if (bits > 0) {
    text += kAlphabet[held << static_cast<unsigned>(5 - bits) & 31U];
  }
  return text;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') {
      continue;
    }
    const std::size_t value = kAlphabet.find(capital(c));
    if (value == kAlphabet.npos) {
      return std::nullopt;
    }
    held = held << 5U | static_cast<unsigned>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(held >> static_cast<unsigned>(bits));
      held &= (1U << static_cast<unsigned>(bits)) - 1;
    }
  }
  if (held != 0 || bits >= 5) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace podplay::auth
