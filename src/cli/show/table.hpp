// Values, objects and tables as people read them: sizes with units, times to the second.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace podplay::cli {

using Json = nlohmann::json;

// A heading and a line for each of `items`, with the members named by `columns`.
std::string table(const Json& items, std::span<const std::string_view> columns);
// "name  value", a line for each member.
std::string object_lines(const Json& object);

// "1.5G" of a number of bytes; 0 is "unlimited".
std::string size_text(std::int64_t bytes);
// A member as one cell; empty when it is missing.
std::string member(const Json& object, std::string_view name);

}  // namespace podplay::cli
