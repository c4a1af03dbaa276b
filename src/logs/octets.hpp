// Kinds of octets in a line of a log, whatever the locale.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"

namespace podplay::logs {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
// Base64 in both alphabets (RFC 4648 sections 4 and 5).
inline bool is_base64(char c) {
  return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}
inline bool is_base64(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_base64(c); });
}
// Not a word of a sentence: a digit, "=", or a capital letter within.
inline bool looks_random(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return is_digit(c) || c == '='; }) ||
         std::ranges::any_of(word.substr(std::min<std::size_t>(1, word.size())), is_upper);
}

}  // namespace podplay::logs
