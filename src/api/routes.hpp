// The one table of routes. Everything that is said about a route is a column of it. The server, the
// OpenAPI description and the tests walk the table, and none of them repeats a path.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.hpp"

namespace podplay::api {

using control::Permission;

enum class Effect {
  // Changes nothing.
  reads,
  // Is done at once, or as a job, and leaves no revision of its own. Without a dry run of its own,
  // ?dry_run is refused instead of being ignored.
  acts,
  // Makes a revision: takes ?wait and ?dry_run.
  changes,
};

enum class BodyKind {
  // One JSON object of the route's shape.
  json,
  // Newline-delimited JSON: each line is an object of the route's shape. The handler reads it.
  json_lines,
};

// What the body of a success is made of.
enum class AnswerForm {
  // One object of the route's shape. A change adds `applied` to it for ?wait, and `changed` when
  // nothing was to be changed; it answers with a wire::kDryRun for ?dry_run.
  object,
  // {"items": objects of the route's shape, "next": a cursor, or null on the last page}.
  list,
  // A document that is not JSON.
  document,
};

// The status of an answer that is no problem, and what it means.
struct Success {
  int status = 200;
  std::string_view help = "Done";
};

struct Route {
  std::string_view method;
  // "/api/users/{id}": one whole string, so that grep finds it.
  std::string_view path;
  Permission permission;
  Effect effect;
  // nullptr: the route takes no body.
  const wire::Shape* body = nullptr;
  BodyKind body_kind = BodyKind::json;
  // nullptr: any JSON object.
  const wire::Shape* answer = nullptr;
  AnswerForm answer_form = AnswerForm::object;
  // Of a route that acts: what ?dry_run=1 answers with; nullptr: it has no dry run.
  const wire::Shape* dry_run = nullptr;
  // The path names one object with an ETag. A use-case that changes it checks If-Match and
  // If-None-Match inside of its transaction.
  bool has_etag = false;
  Success success{};
  // Where the thing is that a success made, with members of the answer in braces; empty: nowhere.
  std::string_view location{};
  // Meaning of a 503 with the same body as success; empty: there is none.
  std::string_view unready{};
  // Of a write; empty: the route writes nothing.
  std::string_view audit_event{};
  // The CLI's noun and verb; empty: none is needed.
  std::string_view command{};
  // The route's own parameters, separated by spaces. Those of changes (wait, dry_run) come by
  // themselves.
  std::string_view query{};
  Handler handler;
  std::string_view help;
};

std::span<const Route> routes();

// A parameter of the query. It means the same on every route.
struct QueryRow {
  std::string_view name;
  // A type of JSON Schema.
  std::string_view type;
  std::string_view help;
};
// The parameters that a route takes.
std::vector<QueryRow> query_rows(const Route& route);

// "application/json" or "application/x-ndjson".
std::string_view media_type(BodyKind kind);

struct FoundRoute {
  // nullptr: no route has this path and method.
  const Route* route = nullptr;
  // Of the path, as it was sent.
  std::string parameter;
  // The methods of the path when only the method is wrong, for `Allow`.
  std::string allowed;
};
FoundRoute find_route(std::string_view method, std::string_view path);

}  // namespace podplay::api
