// Bodies of requests and answers as tables with one row per field. The same rows check a body and
// print its OpenAPI schema. The tables are in one file per noun: wire/users.hpp, wire/domains.hpp
// and so on.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace podplay::wire {

using Json = nlohmann::json;

enum class FieldType { text, boolean, integer, text_list, object, object_list };

struct Shape;

struct FieldRow {
  std::string_view name;
  FieldType type;
  bool required = false;
  // The form, the unit, and the RFC that says so.
  std::string_view help;
  // As JSON text.
  std::string_view example;
  // Of an object, or of each object of a list; nullptr: any members.
  const Shape* of = nullptr;
  // Of an answer that is a single value: it may be null, although the member is there.
  bool nullable = false;
  // Of a request: what a merge patch sets when it removes the member with null (RFC 7396), as JSON
  // text; empty: it cannot be removed.
  std::string_view on_null{};
  // Of a request's text: it may have several lines. Any other is refused with a control character.
  bool lines = false;
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
// Parses `body` as a merge patch (RFC 7396) of an object of the shape: no field is required, and
// null stands for the field's default, which the result has in its place.
Result<Json> read_patch(const Shape& shape, std::string_view body);
// The same check as read_body() for JSON that is parsed already. Fields of inner objects are named
// by their path, such as "user.email" and "items[2].id".
std::vector<Fault> check_shape(const Shape& shape, const Json& value);
// The texts of a checked request that have a control character (C0 or DEL) and may have none: later
// they stand in a line of a log, of a table or of a protocol.
std::vector<Fault> find_control_characters(const Shape& shape, const Json& value);

enum class Members {
  // A request: a member that the shape does not name is refused.
  exactly,
  // An answer: later versions may add members, which clients must ignore.
  at_least,
  // A merge patch of a request: no member is required, and null removes it. Its name is that of the
  // shape with "Patch" behind it.
  patch,
};
// "UserUpdate", or "UserUpdatePatch".
std::string schema_name(const Shape& shape, Members members);
// An object of the shape, made of the examples of its fields.
Json example_of(const Shape& shape);
// Adds the shape's schema, and those of its inner objects, to `schemas` under their names.
void add_openapi_schema(const Shape& shape, Members members, Json& schemas);
// {"$ref": "#/components/schemas/NAME"}
Json openapi_reference(std::string_view name);

// Members of a checked body. The default when a member is absent or of another type.
std::string text_or(const Json& body, const char* name, std::string_view otherwise = {});
std::optional<std::string> optional_text(const Json& body, const char* name);
std::vector<std::string> texts(const Json& body, const char* name);
std::int64_t integer_or(const Json& body, const char* name, std::int64_t otherwise);
bool boolean_or(const Json& body, const char* name, bool otherwise);

// Null for a time that is not set.
Json time_or_null(WallTime time);

}  // namespace podplay::wire
