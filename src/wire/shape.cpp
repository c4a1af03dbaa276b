// Checks bodies against their rows, and prints the same rows as JSON Schema (OpenAPI 3.1). A body
// that passed has every required field, each of its type, and no other field.
#include "wire/shape.hpp"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

Result<Json> read_body(const Shape& shape, std::string_view body) {
  Json value = Json::parse(body, nullptr, false);
  if (!value.is_object()) {
    return fail(ErrorKind::invalid, "bad_json", "the body is not a JSON object",
                fmt::format("send a {} as GET /api/openapi.json describes it", shape.name));
  }
  std::vector<Fault> faults;
  std::vector<std::string_view> names;
  for (const FieldRow& field : shape.fields) {
    names.push_back(field.name);
    const auto found = value.find(field.name);
    const std::string name(field.name);
    if (found == value.end() || found->is_null()) {
      if (field.required) {
        faults.push_back(
            {name, "missing", fmt::format("{} is missing", name), std::string(field.help)});
      }
    } else if (!has_type(*found, field.type)) {
      faults.push_back({name, "bad_type", fmt::format("{} must be {}", name, type_name(field.type)),
                        fmt::format("for example {}", field.example)});
    }
  }
  for (const auto& [name, member] : value.items()) {
    if (std::ranges::find(names, name) != names.end()) {
      continue;
    }
    const std::string near = nearest_name(name, names);
    faults.push_back({name, "unknown_field", fmt::format("there is no field '{}' here", name),
                      near.empty() ? "" : fmt::format("did you mean {}?", near)});
  }
  TRY(no_faults(std::move(faults)));
  return value;
}

Json openapi_schema(const Shape& shape) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldRow& field : shape.fields) {
    Json property = type_schema(field.type);
    property["description"] = field.help;
    if (!field.example.empty()) {
      property["examples"] = Json::array({Json::parse(field.example)});
    }
    properties[std::string(field.name)] = std::move(property);
    if (field.required) {
      required.push_back(field.name);
    }
  }
  Json schema{{"type", "object"},
              {"description", shape.help},
              {"properties", std::move(properties)},
              {"additionalProperties", false}};
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  return schema;
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

}  // namespace podplay::wire
