// JSON as one line of text. It can always be made, although the words of daemons in it may be in
// any encoding.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay {

// Takes nlohmann::json and nlohmann::ordered_json. Octets that are not UTF-8 become U+FFFD, where
// dump() alone would throw.
template <class Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace podplay
