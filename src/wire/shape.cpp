// Checks bodies against their rows, and prints the same rows as JSON Schema (OpenAPI 3.1). A body
// that passed has every required field, each of its type, and no other field.
#include "wire/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/control_character.hpp"
#include "base/nearest.hpp"

namespace podplay::wire {
namespace {

bool has_type(const Json& value, FieldType type) {
  const auto all = [&value](auto is) { return value.is_array() && std::ranges::all_of(value, is); };
  switch (type) {
    case FieldType::text: return value.is_string();
    case FieldType::boolean: return value.is_boolean();
    case FieldType::integer: return value.is_number_integer();
    case FieldType::text_list: return all([](const Json& element) { return element.is_string(); });
    case FieldType::object: return value.is_object();
    case FieldType::object_list:
      return all([](const Json& element) { return element.is_object(); });
  }
  return false;
}

std::string_view type_name(FieldType type) {
  switch (type) {
    case FieldType::text: return "a string";
    case FieldType::boolean: return "true or false";
    case FieldType::integer: return "a whole number";
    case FieldType::text_list: return "a list of strings";
    case FieldType::object: return "an object";
    case FieldType::object_list: return "a list of objects";
  }
  return "";
}

// A whole number that does not fit into 64 bits with a sign; the parser keeps an even larger one as
// a floating-point number.
bool is_out_of_range(const Json& value, FieldType type) {
  constexpr double kBeyond = 9223372036854775808.0;
  if (type != FieldType::integer) {
    return false;
  }
  return value.is_number_float() ? std::abs(value.get<double>()) >= kBeyond
                                 : value.is_number_unsigned() &&
                                       !std::in_range<std::int64_t>(value.get<std::uint64_t>());
}

Fault range_fault(const std::string& path, const Json& value) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  // A floating-point number is no longer the text that the client sent.
  const std::string what = value.is_number_float() ? "the number" : value.dump();
  return {.field = path,
          .code = "out_of_range",
          .message = fmt::format("{}: {} is out of range", path, what),
          .remedy = fmt::format("use a whole number of at most {}", kMost)};
}

Json type_schema(FieldType type) {
  switch (type) {
    case FieldType::text: return {{"type", "string"}};
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::integer: return {{"type", "integer"}, {"format", "int64"}};
    case FieldType::text_list: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case FieldType::object: return {{"type", "object"}};
    case FieldType::object_list: return {{"type", "array"}, {"items", {{"type", "object"}}}};
  }
  return {};
}

// `prefix` is the path of `value`: empty for the body itself, else it ends with a dot.
void collect_faults(const Shape& shape, const Json& value, const std::string& prefix,
                    std::vector<Fault>& faults);

void collect_inner_faults(const FieldRow& field, const Json& value, const std::string& path,
                          std::vector<Fault>& faults) {
  if (field.of == nullptr) {
    return;
  }
  if (field.type == FieldType::object) {
    collect_faults(*field.of, value, path + ".", faults);
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    collect_faults(*field.of, value[i], fmt::format("{}[{}].", path, i), faults);
  }
}

void collect_faults(const Shape& shape, const Json& value, const std::string& prefix,
                    std::vector<Fault>& faults) {
  std::vector<std::string_view> names;
  for (const FieldRow& field : shape.fields) {
    names.push_back(field.name);
    const auto found = value.find(field.name);
    const std::string path = prefix + std::string(field.name);
    if (found != value.end() && found->is_null() && field.nullable) {
      continue;
    }
    if (found == value.end() || found->is_null()) {
      if (field.required) {
        faults.push_back({.field = path,
                          .code = "missing",
                          .message = fmt::format("{} is missing", path),
                          .remedy = std::string(field.help)});
      }
    } else if (is_out_of_range(*found, field.type)) {
      faults.push_back(range_fault(path, *found));
    } else if (!has_type(*found, field.type)) {
      faults.push_back({.field = path,
                        .code = "bad_type",
                        .message = fmt::format("{} must be {}", path, type_name(field.type)),
                        .remedy = fmt::format("for example {}", field.example)});
    } else {
      collect_inner_faults(field, *found, path, faults);
    }
  }
  for (const auto& [name, member] : value.items()) {
    if (std::ranges::find(names, name) != names.end()) {
      continue;
    }
    const std::string near = nearest_name(name, names);
    faults.push_back({.field = prefix + name,
                      .code = "unknown_field",
                      .message = fmt::format("there is no field '{}' here", prefix + name),
                      .remedy = near.empty() ? "" : fmt::format("did you mean {}?", near)});
  }
}

bool has_control_character(const Json& value) {
  if (value.is_string()) {
    return std::ranges::any_of(value.get_ref<const std::string&>(), is_control);
  }
  return value.is_array() && std::ranges::any_of(value, has_control_character);
}

void collect_control_characters(const Shape& shape, const Json& value, const std::string& prefix,
                                std::vector<Fault>& faults) {
  for (const FieldRow& field : shape.fields) {
    const auto found = value.find(field.name);
    if (found == value.end()) {
      continue;
    }
    const std::string path = prefix + std::string(field.name);
    if (field.of != nullptr && found->is_object()) {
      collect_control_characters(*field.of, *found, path + ".", faults);
    } else if (field.of != nullptr && found->is_array()) {
      for (std::size_t i = 0; i < found->size(); ++i) {
        collect_control_characters(*field.of, (*found)[i], fmt::format("{}[{}].", path, i), faults);
      }
    } else if (!field.lines && has_control_character(*found)) {
      faults.push_back(
          {.field = path,
           .code = "control_character",
           .message = fmt::format("{} has a control character, such as the end of a line", path),
           .remedy = "write it in one line, without tabs"});
    }
  }
}

// `removable`: null is possible, and removes the member.
Json field_schema(const FieldRow& field, bool removable) {
  Json property = type_schema(field.type);
  if (field.of != nullptr && field.type == FieldType::object) {
    property = openapi_reference(field.of->name);
  } else if (field.of != nullptr) {
    property["items"] = openapi_reference(field.of->name);
  }
  const bool may_be_null = field.nullable || removable;
  if (may_be_null && property.contains("$ref")) {
    property = {{"anyOf", Json::array({std::move(property), Json{{"type", "null"}}})}};
  } else if (may_be_null) {
    property["type"] = Json::array({property["type"], "null"});
  }
  property["description"] = field.help;
  if (!field.example.empty() && field.of == nullptr) {
    property["examples"] = Json::array({Json::parse(field.example)});
  }
  return property;
}

// The words of the parser quote the body, which may hold a password: only the place is told.
Result<Json> read_object(const Shape& shape, std::string_view body) {
  std::string why = "the body is not a JSON object";
  // The parser takes a NUL for the end of the text; JSON has none outside (RFC 8259 section 2).
  const auto nul = body.find('\0');
  try {
    Json value = Json::parse(body);
    if (value.is_object() && nul == std::string_view::npos) {
      return value;
    }
    if (nul != std::string_view::npos) {
      why += fmt::format(": it is no JSON at octet {} of {}", nul + 1, body.size());
    }
  } catch (const Json::parse_error& error) {
    why += fmt::format(": it is no JSON at octet {} of {}", error.byte, body.size());
  } catch (const Json::exception&) {
    why += ": it has a number or text that cannot be read";
  }
  return fail(ErrorKind::invalid, "bad_json", std::move(why),
              fmt::format("send a {} as GET /api/openapi.json describes it", shape.name));
}

}  // namespace

std::vector<Fault> check_shape(const Shape& shape, const Json& value) {
  std::vector<Fault> faults;
  collect_faults(shape, value, "", faults);
  return faults;
}

Result<Json> read_body(const Shape& shape, std::string_view body) {
  TRY(auto value, read_object(shape, body));
  TRY(no_faults(check_shape(shape, value)));
  return value;
}

Result<Json> read_patch(const Shape& shape, std::string_view body) {
  TRY(auto value, read_object(shape, body));
  std::vector<Fault> faults;
  for (const FieldRow& field : shape.fields) {
    const auto member = value.find(field.name);
    if (member == value.end() || !member->is_null()) {
      continue;
    }
    if (field.on_null.empty()) {
      faults.push_back({.field = std::string(field.name),
                        .code = "cannot_be_removed",
                        .message = fmt::format("{} cannot be null", field.name),
                        .remedy = "leave it out to keep it as it is"});
    } else {
      *member = Json::parse(field.on_null);
    }
  }
  for (Fault& fault : check_shape(shape, value)) {
    if (fault.code != "missing") {
      faults.push_back(std::move(fault));
    }
  }
  TRY(no_faults(std::move(faults)));
  return value;
}

std::string schema_name(const Shape& shape, Members members) {
  return std::string(shape.name) + (members == Members::patch ? "Patch" : "");
}

std::vector<Fault> find_control_characters(const Shape& shape, const Json& value) {
  std::vector<Fault> faults;
  collect_control_characters(shape, value, "", faults);
  return faults;
}

Json example_of(const Shape& shape) {
  Json example = Json::object();
  for (const FieldRow& field : shape.fields) {
    if (field.of != nullptr) {
      const Json inner = example_of(*field.of);
      const bool list = field.type == FieldType::object_list;
      example[std::string(field.name)] = list ? Json::array({inner}) : inner;
    } else if (!field.example.empty()) {
      example[std::string(field.name)] = Json::parse(field.example);
    }
  }
  return example;
}

Json openapi_reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

void add_openapi_schema(const Shape& shape, Members members, Json& schemas) {
  const std::string name = schema_name(shape, members);
  if (schemas.contains(name)) {
    return;
  }
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldRow& field : shape.fields) {
    const bool patch = members == Members::patch;
    properties[std::string(field.name)] = field_schema(field, patch && !field.on_null.empty());
    if (field.required && !patch) {
      required.push_back(field.name);
    }
    // A merge patch replaces lists, and the objects in them, as a whole.
    if (field.of != nullptr) {
      add_openapi_schema(*field.of, patch ? Members::exactly : members, schemas);
    }
  }
  Json schema{
      {"type", "object"}, {"description", shape.help}, {"properties", std::move(properties)}};
  if (members != Members::at_least) {
    schema["additionalProperties"] = false;
  }
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  schemas[name] = std::move(schema);
}

std::string text_or(const Json& body, const char* name, std::string_view otherwise) {
  const auto found = body.find(name);
  const bool text = found != body.end() && found->is_string();
  return text ? found->get<std::string>() : std::string(otherwise);
}

std::optional<std::string> optional_text(const Json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) {
    return std::nullopt;
  }
  return found->get<std::string>();
}

std::vector<std::string> texts(const Json& body, const char* name) {
  const auto found = body.find(name);
  std::vector<std::string> result;
  if (found == body.end() || !found->is_array()) {
    return result;
  }
  for (const Json& element : *found) {
    if (element.is_string()) {
      result.push_back(element.get<std::string>());
    }
  }
  return result;
}

std::int64_t integer_or(const Json& body, const char* name, std::int64_t otherwise) {
  const auto found = body.find(name);
  return found != body.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

bool boolean_or(const Json& body, const char* name, bool otherwise) {
  const auto found = body.find(name);
  return found != body.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

Json time_or_null(WallTime time) {
  return time == WallTime{} ? Json(nullptr) : Json(to_rfc3339(time));
}

}  // namespace podplay::wire
