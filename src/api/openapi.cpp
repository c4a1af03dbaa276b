// The description says only what the table of routes says. docs/openapi.json is this answer.
#include "api/openapi.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "api/import_rows.hpp"
#include "api/routes.hpp"
#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "wire/problem.hpp"
#include "wire/revisions.hpp"

namespace podplay::api {
namespace {

struct TagRow {
  std::string_view name;
  std::string_view help;
};
// By the first part of a path, without /api.
constexpr std::array kTags = std::to_array<TagRow>({
    {.name = "account", .help = "The own account"},
    {.name = "acme", .help = "Accounts at certificate authorities"},
    {.name = "aliases", .help = "Mail addresses that lead to others"},
    {.name = "app-passwords", .help = "Passwords for one device or program each"},
    {.name = "audit", .help = "Who did what"},
    {.name = "bootstrap", .help = "The first administrator"},
    {.name = "ca.pem", .help = "The pod's own authority"},
    {.name = "certificates", .help = "Certificates of domains and hosts"},
    {.name = "confirm", .help = "Links of mails that confirm a registration"},
    {.name = "csrf", .help = "The token against forged requests"},
    {.name = "deletions", .help = "Accounts that are to be deleted"},
    {.name = "devices", .help = "Devices that are set up for mail"},
    {.name = "docs", .help = "This description as a page"},
    {.name = "domains", .help = "Domains with their mail, web site and zone"},
    {.name = "export", .help = "The own data, to take along"},
    {.name = "factors", .help = "Second factors"},
    {.name = "grants", .help = "Who may administer what"},
    {.name = "invitations", .help = "Invitations of new users"},
    {.name = "jobs", .help = "Background work"},
    {.name = "links", .help = "What a link of a mail is for"},
    {.name = "livez", .help = "Whether the control plane runs"},
    {.name = "login", .help = "Logging in"},
    {.name = "logout", .help = "Logging out"},
    {.name = "mail", .help = "Messages, queues and deleted mailboxes"},
    {.name = "mail-setup", .help = "Settings for mail clients"},
    {.name = "openapi.json", .help = "This description"},
    {.name = "openid",
     .help = "Logging in to other programs with an account here (OpenID Connect)"},
    {.name = "passkeys", .help = "Passkeys (WebAuthn)"},
    {.name = "password-reset", .help = "A new password by mail"},
    {.name = "password-resets", .help = "A new password by mail"},
    {.name = "readyz", .help = "Whether every service is ready"},
    {.name = "recovery-addresses", .help = "Addresses outside, for when a login is lost"},
    {.name = "recovery-codes", .help = "Codes for when a second factor is lost"},
    {.name = "register", .help = "Registering oneself"},
    {.name = "registration", .help = "Who may register"},
    {.name = "registrations", .help = "Registrations"},
    {.name = "revisions", .help = "Changes and their outcome at the services"},
    {.name = "session", .help = "The login in use"},
    {.name = "sessions", .help = "Logins of browsers"},
    {.name = "settings", .help = "The settings in force"},
    {.name = "sites", .help = "Web sites"},
    {.name = "startupz", .help = "Whether every service has started"},
    {.name = "system", .help = "Services, daemons and logs"},
    {.name = "tokens", .help = "Tokens for programs"},
    {.name = "totp", .help = "Codes of an authenticator"},
    {.name = "trust", .help = "How to trust the pod's own authority"},
    {.name = "users", .help = "Users and their mailboxes"},
});

std::string_view permission_name(Permission permission) {
  switch (permission) {
    case Permission::anyone: return "anyone";
    case Permission::user: return "user";
    case Permission::domain_admin: return "domain-admin";
    case Permission::admin: return "admin";
  }
  return "";
}

// "get_users_id_lock" for GET /api/users/{id}/lock.
std::string operation_id(const Route& route) {
  std::string id = lower(route.method);
  std::string_view path = route.path;
  path.remove_prefix(path.starts_with("/api/") ? 4 : 0);
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (word) {
      id += c;
    } else if (c != '{' && c != '}') {
      id += '_';
    }
  }
  return id;
}

// "id" of "/api/users/{id}"; empty when the path has no parameter.
std::string_view path_parameter(const Route& route) {
  const std::size_t brace = route.path.find('{');
  if (brace == route.path.npos) {
    return {};
  }
  return route.path.substr(brace + 1, route.path.find('}') - brace - 1);
}

Json header_parameter(const char* name, const char* help) {
  return {
      {"name", name}, {"in", "header"}, {"description", help}, {"schema", {{"type", "string"}}}};
}

Json query_parameter(const Route& route, const QueryRow& row) {
  Json schema{{"type", row.type}};
  if (row.name == "sort") {
    // A list may be turned round whatever its own order is.
    std::set<std::string> words;
    for (std::string_view field : split_words(route.sort)) {
      field.remove_prefix(field.starts_with('-') ? 1 : 0);
      words.emplace(field);
      words.insert("-" + std::string(field));
    }
    schema["enum"] = words;
    schema["default"] = split_words(route.sort).front();
  }
  return {{"name", row.name}, {"in", "query"}, {"description", row.help}, {"schema", schema}};
}

Json parameters_of(const Route& route) {
  Json parameters = Json::array();
  if (const std::string_view name = path_parameter(route); !name.empty()) {
    parameters.push_back({{"name", name},
                          {"in", "path"},
                          {"required", true},
                          {"description", fmt::format("The {} of the object", name)},
                          {"schema", {{"type", "string"}}}});
  }
  for (const QueryRow& row : query_rows(route)) {
    parameters.push_back(query_parameter(route, row));
  }
  if (route.has_etag) {
    parameters.push_back(header_parameter(
        "If-Match", "ETags of which the object must still have one; 412 if it has another one"));
    parameters.push_back(header_parameter(
        "If-None-Match",
        route.effect == Effect::reads
            ? "ETags that the client has answers for; 304 if the object still has one of them"
            : "ETags of which the object must have none; 412 if it has one of them"));
  }
  if (route.effect != Effect::reads && route.permission != Permission::anyone) {
    parameters.push_back(header_parameter("Idempotency-Key",
                                          "A repetition with the same key gets the first answer"));
  }
  return parameters;
}

Json list_schema(const wire::Shape& item) {
  return {{"type", "object"},
          {"properties",
           {{"items", {{"type", "array"}, {"items", wire::openapi_reference(item.name)}}},
            {"next",
             {{"type", Json::array({"string", "null"})},
              {"description", "cursor of the next page; null on the last one"}}}}},
          {"required", Json::array({"items", "next"})}};
}

// The object and, for ?wait, the outcome at the services.
Json change_schema(const wire::Shape& object) {
  const Json more{{"type", "object"},
                  {"properties",
                   {{"applied", wire::openapi_reference(wire::kApplied.name)},
                    {"changed",
                     {{"const", false},
                      {"description",
                       "only there when the object was so already: there is no new revision"}}}}}};
  return {{"allOf", Json::array({wire::openapi_reference(object.name), more})}};
}

Json success_schema(const Route& route) {
  if (route.answer == nullptr) {
    return {{"type", "object"}};
  }
  if (route.answer_form == AnswerForm::list) {
    return list_schema(*route.answer);
  }
  if (route.effect == Effect::changes) {
    return change_schema(*route.answer);
  }
  return wire::openapi_reference(route.answer->name);
}

Json success_example(const Route& route) {
  if (route.answer == nullptr) {
    return nullptr;
  }
  const Json object = wire::example_of(*route.answer);
  if (route.answer_form == AnswerForm::list) {
    return {{"items", Json::array({object})}, {"next", nullptr}};
  }
  return object;
}

Json media(Json schema, Json example) {
  Json content{{"schema", std::move(schema)}};
  if (!example.is_null()) {
    content["example"] = std::move(example);
  }
  return content;
}

Json document_response(std::string_view description) {
  return {{"description", description}, {"content", {{"*/*", {{"schema", {{"type", "string"}}}}}}}};
}

Json response(std::string_view description, Json schema, Json example) {
  return {{"description", description},
          {"content", {{"application/json", media(std::move(schema), std::move(example))}}}};
}

Json problem_example(int status, std::string_view code) {
  Json example = wire::example_of(wire::kProblem);
  example["status"] = status;
  example["code"] = code;
  example["type"] = fmt::format("urn:podplay:problem:{}", code);
  example["title"] = wire::status_title(status);
  example["detail"] = "What is wrong, for people";
  example["remedy"] = "What to do";
  example["errors"] = Json::array();
  return example;
}

// The answers with problems, each written once: many routes share them.
class ProblemResponses {
 public:
  // A reference to the answer with this status and one of these codes.
  Json of(int status, const std::vector<std::string_view>& codes, Json schema) {
    Json answer{{"description", fmt::format("A problem with the code {}", fmt::join(codes, ", "))},
                {"x-codes", codes}};
    answer["content"]["application/problem+json"] =
        media(std::move(schema), problem_example(status, codes.front()));
    return reference(fmt::format("Problem{}", status), std::move(answer));
  }
  Json any(Json schema) {
    Json answer{{"description", "A problem (RFC 9457)"}};
    answer["content"]["application/problem+json"] =
        media(std::move(schema), wire::example_of(wire::kProblem));
    return reference("Problem", std::move(answer));
  }
  // By name.
  Json take() { return std::move(named_); }

 private:
  Json reference(const std::string& kind, Json answer) {
    const std::string text = answer.dump();
    auto known = names_.find(text);
    if (known == names_.end()) {
      const int number = ++count_[kind];
      const std::string name = number == 1 ? kind : fmt::format("{}.{}", kind, number);
      named_[name] = std::move(answer);
      known = names_.emplace(text, name).first;
    }
    return {{"$ref", "#/components/responses/" + known->second}};
  }

  Json named_ = Json::object();
  // The name of each answer, and how many there are of a kind.
  std::map<std::string, std::string> names_;
  std::map<std::string, int> count_;
};

Json header(std::string_view help) {
  return {{"description", help}, {"schema", {{"type", "string"}}}};
}

// A change that a service refused is answered with the outcome, too.
Json refusal_schema() {
  const Json outcome{
      {"type", "object"},
      {"properties",
       {{"applied", wire::openapi_reference(wire::kApplied.name)},
        {"revision", {{"type", "integer"}, {"description", "the change, which stays"}}}}}};
  return {{"allOf", Json::array({wire::openapi_reference(wire::kProblem.name), outcome})}};
}

Json success_of(const Route& route, std::string_view help, Json schema) {
  Json success = response(help, std::move(schema), success_example(route));
  if (route.has_etag ? route.method != "DELETE" : route.effect == Effect::changes) {
    success["headers"]["ETag"] = header("The object's revision in quotes");
  }
  if (!route.location.empty()) {
    success["headers"]["Location"] =
        header("The path of what was made: " + std::string(route.location));
  }
  return success;
}

// What ?dry_run=1 answers with, beside the success when both have the status 200.
void add_dry_run(const Route& route, const wire::Shape& shape, Json& responses) {
  const Json found = wire::openapi_reference(shape.name);
  responses["200"] =
      route.success.status == 200
          ? success_of(route, fmt::format("{}; or what a dry run found", route.success.help),
                       {{"anyOf", Json::array({success_schema(route), found})}})
          : response("What a dry run found", found, wire::example_of(shape));
}

// Rows that were handled on their own, while they are.
void add_partial_import(Json& responses) {
  responses["200"]["description"] =
      "What a dry run found; or, with partial=1, JSON lines: one for each row, and the total at "
      "last";
  responses["200"]["content"]["application/x-ndjson"] =
      media(wire::openapi_reference(kImportLine.name), wire::example_of(kImportLine));
}

Json responses_of(const Route& route, ProblemResponses& problems) {
  Json responses;
  const Json problem = wire::openapi_reference(wire::kProblem.name);
  responses["default"] = problems.any(problem);
  for (const auto& [status, codes] : codes_of(route)) {
    const bool refused = status == 422 && route.effect == Effect::changes;
    responses[std::to_string(status)] =
        problems.of(status, codes, refused ? refusal_schema() : problem);
  }
  responses[std::to_string(route.success.status)] =
      route.answer_form == AnswerForm::document
          ? document_response(route.success.help)
          : success_of(route, route.success.help, success_schema(route));
  if (route.effect == Effect::changes) {
    add_dry_run(route, wire::kDryRun, responses);
  } else if (route.dry_run != nullptr) {
    add_dry_run(route, *route.dry_run, responses);
  }
  if (route.answer_form == AnswerForm::object_or_lines) {
    add_partial_import(responses);
  } else if (route.answer_form == AnswerForm::object_or_events) {
    responses["200"]["content"]["text/event-stream"] = {{"schema", {{"type", "string"}}}};
  }
  if (route.effect == Effect::reads && route.has_etag) {
    responses["304"] = {{"description", "The client has this answer already (If-None-Match)"}};
  }
  if (!route.unready.empty()) {
    responses["503"] = response(route.unready, success_schema(route), success_example(route));
  }
  return responses;
}

Json request_body(const Route& route) {
  const wire::Members members =
      route.body_kind == BodyKind::merge_patch ? wire::Members::patch : wire::Members::exactly;
  const Json schema = wire::openapi_reference(wire::schema_name(*route.body, members));
  Json content;
  for (const std::string_view type : media_types(route.body_kind)) {
    const bool text = type == "text/csv" || type == "application/yaml";
    content[std::string(type)] = text ? media({{"type", "string"}}, rows_example(*route.body, type))
                                      : media(schema, wire::example_of(*route.body));
  }
  return {{"required", true}, {"content", std::move(content)}};
}

Json limits_of(const Route& route) {
  Json limits = Json::object();
  if (route.body != nullptr) {
    const bool stranger = route.permission == Permission::anyone;
    limits["body_octets"] = stranger ? std::size_t{16} << 10U : route.body_limit;
  }
  if (!route.limited_by.empty()) {
    limits["settings"] = split_words(route.limited_by);
  }
  return limits;
}

std::string description_of(const Route& route) {
  std::string text = fmt::format("{}.", route.help);
  text += route.permission == Permission::anyone
              ? " Needs no login."
              : fmt::format(" Needs the permission {}.", permission_name(route.permission));
  if (!route.audit_event.empty()) {
    text += fmt::format(" Leaves the audit event {}.", route.audit_event);
  }
  if (!route.command.empty()) {
    text += fmt::format(" On the command line: `podplay {}`.", route.command);
  }
  return text;
}

// A bearer token, or a browser's session; a write of a session needs its CSRF token.
Json security_of(const Route& route) {
  if (route.permission == Permission::anyone) {
    return Json::array();
  }
  Json session{{"session", Json::array()}};
  if (route.effect != Effect::reads) {
    session["csrf"] = Json::array();
  }
  return Json::array({Json{{"bearer", Json::array()}}, session});
}

Json operation(const Route& route, ProblemResponses& problems) {
  Json result{{"summary", route.help},
              {"description", description_of(route)},
              {"operationId", operation_id(route)},
              {"tags", Json::array({tag_of(route)})},
              {"security", security_of(route)},
              {"x-permission", permission_name(route.permission)},
              {"x-limits", limits_of(route)}};
  if (route.area) {
    result["x-scope"] = to_text(scope_of(route));
  }
  if (!route.audit_event.empty()) {
    result["x-audit-event"] = route.audit_event;
  }
  if (!route.command.empty()) {
    result["x-cli"] = "podplay " + std::string(route.command);
  }
  result["parameters"] = parameters_of(route);
  if (route.body != nullptr) {
    result["requestBody"] = request_body(route);
  }
  result["responses"] = responses_of(route, problems);
  return result;
}

void add_schemas(const Route& route, Json& schemas) {
  if (route.body != nullptr) {
    const bool patch = route.body_kind == BodyKind::merge_patch;
    wire::add_openapi_schema(*route.body, patch ? wire::Members::patch : wire::Members::exactly,
                             schemas);
  }
  for (const wire::Shape* answer : {route.answer, route.dry_run}) {
    if (answer != nullptr) {
      wire::add_openapi_schema(*answer, wire::Members::at_least, schemas);
    }
  }
}

Json security_schemes() {
  return {{"bearer",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "A token of POST /api/login or POST /api/tokens"}}},
          {"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", "__Host-session_id"},
            {"description", "A browser's login"}}},
          {"csrf",
           {{"type", "apiKey"},
            {"in", "header"},
            {"name", "X-CSRF-Token"},
            {"description", "The token that belongs to the session; every write needs it"}}}};
}

}  // namespace

std::string_view tag_of(const Route& route) {
  std::string_view path = route.path;
  path.remove_prefix(path.starts_with("/api/") ? 5 : 1);
  const std::string_view first = path.substr(0, path.find('/'));
  const auto row = std::ranges::find(kTags, first, &TagRow::name);
  return row == kTags.end() ? "other" : row->name;
}

Json openapi() {
  Json paths = Json::object();
  Json schemas = Json::object();
  ProblemResponses problems;
  std::set<std::string_view> tags;
  for (const wire::Shape* shape :
       {&wire::kProblem, &wire::kApplied, &wire::kDryRun, &kImportLine}) {
    wire::add_openapi_schema(*shape, wire::Members::at_least, schemas);
  }
  for (const Route& route : routes()) {
    paths[std::string(route.path)][lower(route.method)] = operation(route, problems);
    tags.insert(tag_of(route));
    add_schemas(route, schemas);
  }
  Json tag_list = Json::array();
  for (const TagRow& row : kTags) {
    if (tags.contains(row.name)) {
      tag_list.push_back({{"name", row.name}, {"description", row.help}});
    }
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "PodPlay"},
            {"version", PODPLAY_VERSION},
            {"description", "Every operation of the pod. How a change travels: docs/pipe.md"},
            {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
          {"servers",
           Json::array({{{"url", "/"}, {"description", "The control host, or 127.0.0.1:8600"}}})},
          {"tags", std::move(tag_list)},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(schemas)},
            {"responses", problems.take()},
            {"securitySchemes", security_schemes()}}}};
}

Result<Answer> get_openapi(control::Context&, Request&) {
  static const std::string text = json_text(openapi());
  return Answer{.text = text, .media_type = "application/json"};
}

}  // namespace podplay::api
