// No script and no resource: the page is one document, and its Content-Security-Policy allows only
// its own style sheet, by its hash. All text of the description is escaped.
#include "api/docs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "api/openapi.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"

namespace podplay::api {
namespace {

constexpr std::string_view kDocsType = "text/html; charset=utf-8";

constexpr std::string_view kDocsStyle = R"(
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0a58ca, #7ab3ff); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { border-bottom: 1px solid var(--line); margin-top: 3rem; padding-bottom: .3rem; }
a { color: var(--accent); }
nav ul { columns: 14rem; list-style: none; padding: 0; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; font-family: ui-monospace, monospace; min-width: 4.5rem; }
summary span { display: block; }
table { border-collapse: collapse; display: block; overflow-x: auto; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--soft); overflow-x: auto; padding: .6rem; }
)";

constexpr std::array<std::string_view, 5> kMethods{"get", "post", "put", "patch", "delete"};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? escaped(found->get<std::string>()) : "";
}

// "UserCreate" of {"$ref": "#/components/schemas/UserCreate"}; empty when there is none.
std::string reference_of(const Json& schema) {
  const std::string reference = schema.value("$ref", "");
  return reference.substr(reference.rfind('/') + 1);
}

std::string schema_link(const std::string& name) {
  return fmt::format(R"(<a href="#schema-{0}">{0}</a>)", escaped(name));
}

// A type in words: "string", "list of Alias", "User, or a DryRun".
std::string type_words(const Json& schema) {
  if (const std::string name = reference_of(schema); !name.empty()) {
    return schema_link(name);
  }
  for (const char* several : {"allOf", "anyOf"}) {
    if (schema.contains(several)) {
      std::vector<std::string> parts;
      for (const Json& part : schema[several]) {
        parts.push_back(type_words(part));
      }
      return fmt::format("{}", fmt::join(parts, several[1] == 'l' ? " with " : " or "));
    }
  }
  const Json type = schema.value("type", Json());
  if (type == "array") {
    return "list of " + type_words(schema.value("items", Json::object()));
  }
  if (type == "object" && schema.contains("properties")) {
    std::vector<std::string> members;
    for (const auto& [name, member] : schema["properties"].items()) {
      members.push_back(fmt::format("{}: {}", escaped(name), type_words(member)));
    }
    return fmt::format("{{{}}}", fmt::join(members, ", "));
  }
  if (type.is_array()) {
    std::vector<std::string> names;
    for (const Json& one : type) {
      names.push_back(escaped(one.get<std::string>()));
    }
    return fmt::format("{}", fmt::join(names, " or "));
  }
  return type.is_string() ? escaped(type.get<std::string>()) : "any";
}

std::string parameters_table(const Json& operation) {
  std::string rows;
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    const Json schema = parameter.value("schema", Json::object());
    std::string help = text_of(parameter, "description");
    if (schema.contains("enum")) {
      std::vector<std::string> words;
      for (const Json& word : schema["enum"]) {
        words.push_back(escaped(word.get<std::string>()));
      }
      help += fmt::format(": {}", fmt::join(words, ", "));
    }
    rows += fmt::format("<tr><td><code>{}</code><td>{}<td>{}<td>{}\n", text_of(parameter, "name"),
                        text_of(parameter, "in"), type_words(schema), help);
  }
  return rows.empty() ? ""
                      : "<h4>Parameters</h4><table><tr><th>Name<th>In<th>Type<th>Meaning\n" + rows +
                            "</table>\n";
}

std::string body_part(const Json& operation) {
  if (!operation.contains("requestBody")) {
    return {};
  }
  std::string text = "<h4>Body</h4>\n";
  for (const auto& [type, media] : operation["requestBody"]["content"].items()) {
    text += fmt::format("<p><code>{}</code>: {}</p>\n", escaped(type),
                        type_words(media.value("schema", Json::object())));
    if (media.contains("example")) {
      const Json& example = media["example"];
      text +=
          fmt::format("<pre>{}</pre>\n",
                      escaped(example.is_string() ? example.get<std::string>() : example.dump(2)));
    }
  }
  return text;
}

std::string answers_table(const Json& description, const Json& operation) {
  std::string rows;
  for (const auto& [status, written] : operation["responses"].items()) {
    const std::string shared = reference_of(written);
    const Json& answer = shared.empty() ? written : description["components"]["responses"][shared];
    std::vector<std::string> bodies;
    const Json contents = answer.value("content", Json::object());
    for (const auto& [type, media] : contents.items()) {
      bodies.push_back(fmt::format(
          "{} <code>{}</code>", type_words(media.value("schema", Json::object())), escaped(type)));
    }
    rows += fmt::format("<tr><td>{}<td>{}<td>{}\n", escaped(status), text_of(answer, "description"),
                        fmt::join(bodies, "<br>"));
  }
  return "<h4>Answers</h4><table><tr><th>Status<th>Meaning<th>Body\n" + rows + "</table>\n";
}

std::string limits_words(const Json& operation) {
  const Json limits = operation.value("x-limits", Json::object());
  std::string text;
  if (limits.contains("body_octets")) {
    text +=
        fmt::format(" The body has at most {} octets.", limits["body_octets"].get<std::size_t>());
  }
  if (limits.contains("settings")) {
    std::vector<std::string> names;
    for (const Json& name : limits["settings"]) {
      names.push_back(fmt::format("<code>{}</code>", escaped(name.get<std::string>())));
    }
    text += fmt::format(" How often: {}.", fmt::join(names, ", "));
  }
  return text;
}

std::string operation_part(const Json& description, const std::string& method,
                           const std::string& path, const Json& operation) {
  const std::string scope = text_of(operation, "x-scope");
  std::string text = fmt::format(
      R"(<details id="{}"><summary><b>{}</b> <code>{}</code><span>{}</span></summary>)"
      "\n<p>{}{}{}</p>\n",
      text_of(operation, "operationId"), escaped(method), escaped(path),
      text_of(operation, "summary"), text_of(operation, "description"),
      scope.empty() ? "" : fmt::format(" A token needs the scope <code>{}</code>.", scope),
      limits_words(operation));
  text +=
      parameters_table(operation) + body_part(operation) + answers_table(description, operation);
  return text + "</details>\n";
}

std::string schema_part(const std::string& name, const Json& schema) {
  std::string text = fmt::format("<h3 id=\"schema-{0}\">{0}</h3><p>{1}</p>\n", escaped(name),
                                 text_of(schema, "description"));
  std::vector<std::string> required;
  for (const Json& one : schema.value("required", Json::array())) {
    required.push_back(one.get<std::string>());
  }
  text += "<table><tr><th>Member<th>Type<th>Meaning<th>Example\n";
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [member, property] : properties.items()) {
    const bool needed = std::ranges::find(required, member) != required.end();
    const Json examples = property.value("examples", Json::array());
    text += fmt::format(
        "<tr><td><code>{}</code>{}<td>{}<td>{}<td>{}\n", escaped(member),
        needed ? "" : " (optional)", type_words(property), text_of(property, "description"),
        examples.empty() ? "" : fmt::format("<code>{}</code>", escaped(json_text(examples[0]))));
  }
  return text + "</table>\n";
}

// The operations of one tag, in the order of their paths.
std::string tag_part(const Json& description, const Json& tag) {
  std::string text = fmt::format("<h2 id=\"tag-{0}\">{0}</h2><p>{1}</p>\n", text_of(tag, "name"),
                                 text_of(tag, "description"));
  for (const auto& [path, methods] : description["paths"].items()) {
    for (const std::string_view method : kMethods) {
      const auto operation = methods.find(method);
      if (operation != methods.end() && (*operation)["tags"][0] == tag["name"]) {
        std::string upper(method);
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        text += operation_part(description, upper, path, *operation);
      }
    }
  }
  return text;
}

}  // namespace

std::string docs_page(const Json& description) {
  const Json& info = description["info"];
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0} {1}: the API</title>\n<style>{2}</style>\n<h1>{0} {1}: the API</h1>\n"
      "<p>{3}. For programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p>\n<nav><ul>\n",
      text_of(info, "title"), text_of(info, "version"), kDocsStyle, text_of(info, "description"));
  for (const Json& tag : description["tags"]) {
    page += fmt::format("<li><a href=\"#tag-{0}\">{0}</a>\n", text_of(tag, "name"));
  }
  page += "<li><a href=\"#schemas\">Schemas</a>\n</ul></nav>\n";
  for (const Json& tag : description["tags"]) {
    page += tag_part(description, tag);
  }
  page += "<h2 id=\"schemas\">Schemas</h2>\n";
  for (const auto& [name, schema] : description["components"]["schemas"].items()) {
    page += schema_part(name, schema);
  }
  return page + "</html>\n";
}

Result<Answer> get_docs(control::Context&, Request&) {
  static const std::string page = docs_page(openapi());
  static const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      base64(sha256(kDocsStyle)));
  return Answer{
      .text = page, .media_type = kDocsType, .headers = {{"Content-Security-Policy", policy}}};
}

}  // namespace podplay::api
