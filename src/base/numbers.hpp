// Whole numbers in text. The only parser of numbers: what it accepts is the same in settings,
// paths, files and headers.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

// The number that all of `text` is, in `base`. Nothing when the text is empty, has anything but
// digits (and '-' for signed types), or does not fit into Number.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number{};
  const char* const end = text.data() + text.size();
  // It has an end. NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage)
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return number;
}

// Bytes: "500M" is 524288000. K, M, G and T are powers of 1024, in either case.
Result<std::int64_t> parse_bytes(std::string_view text);

}  // namespace podplay
