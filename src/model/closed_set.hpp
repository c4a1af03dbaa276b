// Closed sets: the values of an enum and their spelling in JSON, SQL and logs, one table for each
// enum. Internal to model; others use to_text() and parse_...() of the type.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

template <class T>
struct Spelling {
  T value;
  std::string_view word;
};

// The word for `value`, which has to be in the table.
template <class T, std::size_t kCount>
std::string_view word_of(const Spelling<T> (&table)[kCount], T value) {
  for (const Spelling<T>& row : table) {
    if (row.value == value) {
      return row.word;
    }
  }
  return {};
}

// The value that `text` spells. The error names `field` and all words of the table.
template <class T, std::size_t kCount>
Result<T> value_of(const Spelling<T> (&table)[kCount], std::string_view text,
                   std::string_view field) {
  std::vector<std::string_view> words;
  for (const Spelling<T>& row : table) {
    if (row.word == text) {
      return row.value;
    }
    words.push_back(row.word);
  }
  return fail_faults({{.field = std::string(field),
                       .code = "unknown_word",
                       .message = fmt::format("'{}' is not a known {}", text, field),
                       .remedy = fmt::format("use one of: {}", fmt::join(words, ", "))}});
}

}  // namespace podplay
