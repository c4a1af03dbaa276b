// Empty values count as missing (RFC 6749 section 3.2).
#include "wire/form.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::wire {
namespace {

std::optional<int> digit_of(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? std::optional(letter - 'a' + 10) : std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      const bool whole = i + 2 < text.size();
      const auto high = whole ? digit_of(text[i + 1]) : std::nullopt;
      const auto low = whole ? digit_of(text[i + 2]) : std::nullopt;
      if (!high || !low) {
        return std::nullopt;
      }
      result += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  return result;
}

}  // namespace

Result<Json> read_form(const Shape& shape, std::string_view body) {
  Json value = Json::object();
  std::vector<Fault> faults;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals));
    const auto text = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || std::ranges::find(shape.fields, *name, &FieldRow::name) == shape.fields.end()) {
      continue;
    }
    if (!text || value.contains(*name)) {
      faults.push_back({.field = *name,
                        .code = "bad_form",
                        .message = fmt::format("{} is badly encoded, or comes twice", *name),
                        .remedy = "encode the body as application/x-www-form-urlencoded"});
    } else if (!text->empty()) {
      value[*name] = *text;
    }
  }
  for (Fault& fault : check_shape(shape, value)) {
    faults.push_back(std::move(fault));
  }
  if (Status fine = no_faults(std::move(faults)); !fine) {
    // The word of RFC 6749 section 5.2 for all of this.
    fine.error().code = "invalid_request";
    return std::unexpected(std::move(fine).error());
  }
  return value;
}

}  // namespace podplay::wire
