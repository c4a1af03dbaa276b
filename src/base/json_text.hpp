// JSON as one line of text that always can be made: daemons' words are in it, of whatever coding.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace podplay {

// nlohmann::json or nlohmann::ordered_json; what is not UTF-8 becomes U+FFFD, where dump() alone
// would throw.
template <class Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace podplay
