// Request bodies as tables with one row per field. The same rows check a body and print its OpenAPI
// schema. The tables are in one file per noun: wire/users.hpp, wire/domains.hpp and so on.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay::wire {

using Json = nlohmann::json;

enum class FieldType { text, boolean, integer, text_list, object, object_list };

struct FieldRow {
  std::string_view name;
  FieldType type;
  bool required = false;
  // The form, the unit, and the RFC that says so.
  std::string_view help;
  // As JSON text.
  std::string_view example;
};

struct Shape {
  // Its name in OpenAPI, such as "UserCreate".
  std::string_view name;
  std::string_view help;
  std::span<const FieldRow> fields;
};

// Parses `body` as a JSON object and checks it against the rows. Reports all missing, unknown and
// mistyped fields at once; an unknown field suggests the nearest known one.
Result<Json> read_body(const Shape& shape, std::string_view body);
Json openapi_schema(const Shape& shape);

// Members of a checked body. The default when a member is absent or of another type.
std::string text_or(const Json& body, const char* name, std::string_view otherwise = {});
std::optional<std::string> optional_text(const Json& body, const char* name);
std::vector<std::string> texts(const Json& body, const char* name);
std::int64_t integer_or(const Json& body, const char* name, std::int64_t otherwise);
bool boolean_or(const Json& body, const char* name, bool otherwise);

}  // namespace podplay::wire
