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

}  // namespace podplay
