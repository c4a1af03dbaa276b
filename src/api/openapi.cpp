// The description says only what the table of routes says. docs/openapi.json is this answer.
#include "api/openapi.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string>

#include "api/routes.hpp"
#include "wire/problem.hpp"
#include "wire/revisions.hpp"

namespace podplay::api {
namespace {

std::string_view permission_name(Permission permission) {
  switch (permission) {
    case Permission::anyone: return "anyone";
    case Permission::user: return "user";
    case Permission::domain_admin: return "domain-admin";
    case Permission::admin: return "admin";
  }
  return "";
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

Json parameters_of(const Route& route) {
  Json parameters = Json::array();
  if (const std::string_view name = path_parameter(route); !name.empty()) {
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const QueryRow& row : query_rows(route)) {
    parameters.push_back({{"name", row.name},
                          {"in", "query"},
                          {"description", row.help},
                          {"schema", {{"type", row.type}}}});
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
  if (route.method == "POST" && route.permission != Permission::anyone) {
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

Json document_response(std::string_view description) {
  return {{"description", description}, {"content", {{"*/*", {{"schema", {{"type", "string"}}}}}}}};
}

Json content(std::string_view media_type, Json schema) {
  return {{std::string(media_type), {{"schema", std::move(schema)}}}};
}

Json response(std::string_view description, Json schema) {
  return {{"description", description},
          {"content", content("application/json", std::move(schema))}};
}

Json problem_response(std::string_view description, Json schema) {
  return {{"description", description},
          {"content", content("application/problem+json", std::move(schema))}};
}

Json header(std::string_view help) {
  return {{"description", help}, {"schema", {{"type", "string"}}}};
}

// The answer to a change that a service refused.
Json refusal() {
  const Json outcome{
      {"type", "object"},
      {"properties",
       {{"applied", wire::openapi_reference(wire::kApplied.name)},
        {"revision", {{"type", "integer"}, {"description", "the change, which stays"}}}}}};
  return problem_response(
      "A service refused the change: a problem with the outcome and the revision",
      {{"allOf", Json::array({wire::openapi_reference(wire::kProblem.name), outcome})}});
}

Json success_of(const Route& route, std::string_view help, Json schema) {
  Json success = response(help, std::move(schema));
  if (route.has_etag ? route.method != "DELETE" : route.effect == Effect::changes) {
    success["headers"]["ETag"] = header("The object's revision in quotes");
  }
  if (!route.location.empty()) {
    success["headers"]["Location"] =
        header("The path of what was made: " + std::string(route.location));
  }
  return success;
}

Json responses_of(const Route& route) {
  Json responses;
  responses["default"] =
      problem_response("A problem (RFC 9457)", wire::openapi_reference(wire::kProblem.name));
  responses[std::to_string(route.success.status)] =
      route.answer_form == AnswerForm::document
          ? document_response(route.success.help)
          : success_of(route, route.success.help, success_schema(route));
  if (route.effect == Effect::changes) {
    const Json found = wire::openapi_reference(wire::kDryRun.name);
    responses["200"] = route.success.status == 200
                           ? success_of(route, "Done; or what a dry run found",
                                        {{"anyOf", Json::array({success_schema(route), found})}})
                           : response("What a dry run found", found);
    responses["422"] = refusal();
  }
  if (route.dry_run != nullptr) {
    const Json found = wire::openapi_reference(route.dry_run->name);
    responses["200"] =
        route.success.status == 200
            ? success_of(route, fmt::format("{}; or what a dry run found", route.success.help),
                         {{"anyOf", Json::array({success_schema(route), found})}})
            : response("What a dry run found", found);
  }
  if (route.effect == Effect::reads && route.has_etag) {
    responses["304"] = {{"description", "The client has this answer already (If-None-Match)"}};
  }
  if (!route.unready.empty()) {
    responses["503"] = response(route.unready, success_schema(route));
  }
  return responses;
}

Json operation(const Route& route) {
  Json result{{"summary", route.help},
              {"operationId", std::string(route.method) + " " + std::string(route.path)},
              {"x-permission", permission_name(route.permission)}};
  if (!route.audit_event.empty()) {
    result["x-audit-event"] = route.audit_event;
  }
  if (!route.command.empty()) {
    result["x-cli"] = "podplay " + std::string(route.command);
  }
  if (route.permission != Permission::anyone) {
    result["security"] = Json::array({{{"bearer", Json::array()}}});
  }
  result["parameters"] = parameters_of(route);
  if (route.body != nullptr) {
    const std::string type(media_type(route.body_kind));
    result["requestBody"] = {
        {"required", true},
        {"content", {{type, {{"schema", wire::openapi_reference(route.body->name)}}}}}};
  }
  result["responses"] = responses_of(route);
  return result;
}

}  // namespace

Json openapi() {
  Json paths = Json::object();
  Json schemas = Json::object();
  wire::add_openapi_schema(wire::kProblem, wire::Members::at_least, schemas);
  wire::add_openapi_schema(wire::kApplied, wire::Members::at_least, schemas);
  wire::add_openapi_schema(wire::kDryRun, wire::Members::at_least, schemas);
  for (const Route& route : routes()) {
    std::string method(route.method);
    for (char& c : method) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    paths[std::string(route.path)][method] = operation(route);
    if (route.body != nullptr) {
      wire::add_openapi_schema(*route.body, wire::Members::exactly, schemas);
    }
    if (route.answer != nullptr) {
      wire::add_openapi_schema(*route.answer, wire::Members::at_least, schemas);
    }
    if (route.dry_run != nullptr) {
      wire::add_openapi_schema(*route.dry_run, wire::Members::at_least, schemas);
    }
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "PodPlay"},
            {"version", PODPLAY_VERSION},
            {"description", "Every operation of the pod. How a change travels: docs/pipe.md"}}},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(schemas)},
            {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

Result<Answer> get_openapi(control::Context&, Request&) { return Answer{.body = openapi()}; }

}  // namespace podplay::api
