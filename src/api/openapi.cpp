// The description says only what the table of routes says. docs/openapi.json is this answer.
#include "api/openapi.hpp"

#include <cctype>
#include <string>

#include "api/routes.hpp"
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
  if (route.method == "PUT" || route.method == "DELETE") {
    parameters.push_back(header_parameter(
        "If-Match", "ETag that the object must still have; 412 if it has another one"));
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
  const Json applied{{"type", "object"},
                     {"properties", {{"applied", wire::openapi_reference(wire::kApplied.name)}}}};
  return {{"allOf", Json::array({wire::openapi_reference(object.name), applied})}};
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

Json response(std::string_view description, Json schema) {
  return {{"description", description},
          {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

Json responses_of(const Route& route) {
  Json responses;
  responses["default"] = {
      {"description", "A problem (RFC 9457)"},
      {"content",
       {{"application/problem+json", {{"schema", wire::openapi_reference("Problem")}}}}}};
  responses[std::to_string(route.success.status)] =
      route.answer_form == AnswerForm::document
          ? document_response(route.success.help)
          : response(route.success.help, success_schema(route));
  if (route.effect == Effect::changes) {
    const Json found = wire::openapi_reference(wire::kDryRun.name);
    if (route.success.status == 200) {
      responses["200"] = response("Done; or what a dry run found",
                                  {{"anyOf", Json::array({success_schema(route), found})}});
    } else {
      responses["200"] = response("What a dry run found", found);
    }
    responses["422"] = {
        {"description", "A service refused the change: a problem with `applied` and `revision`"}};
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

Json problem_schema() {
  const Json text{{"type", "string"}};
  const Json faults{{"type", "array"}, {"items", {{"type", "object"}}}};
  return {{"type", "object"},
          {"description", "RFC 9457 with a stable `code` and every field's fault"},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"detail", text},
            {"code", text},
            {"remedy", text},
            {"request_id", text},
            {"errors", faults}}}};
}

}  // namespace

Json openapi() {
  Json paths = Json::object();
  Json schemas{{"Problem", problem_schema()}};
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
