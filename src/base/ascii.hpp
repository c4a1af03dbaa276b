// Lower case of ASCII only, whatever the locale. Host names (RFC 4343), HTTP header names (RFC 9110
// section 5.1) and addresses are compared in this way.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace podplay {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

// The same word when case does not count.
constexpr bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace podplay
