// Reads what an authority sent. A member that is missing or of another type counts as empty: each
// noun says itself what it cannot do without.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "acme/jws.hpp"

namespace podplay::acme {

std::string text_at(const Json& json, std::string_view name);
int number_at(const Json& json, std::string_view name);
bool flag_at(const Json& json, std::string_view name);
std::vector<std::string> texts_at(const Json& json, std::string_view name);
// The texts of an object, by name.
std::map<std::string, std::string> map_at(const Json& json, std::string_view name);
// An object or array; an empty array when it is missing.
const Json& part_at(const Json& json, std::string_view name);

// The targets of the links with this relation in a Link header (RFC 8288 section 3).
std::vector<std::string> links(std::string_view header, std::string_view relation);

// One of a closed set of words, or the fallback.
template <class Value, std::size_t Size>
Value word_at(const Json& json, std::string_view name,
              const std::pair<std::string_view, Value> (&words)[Size], Value fallback) {
  const std::string text = text_at(json, name);
  for (const auto& [word, value] : words) {
    if (word == text) {
      return value;
    }
  }
  return fallback;
}

}  // namespace podplay::acme
