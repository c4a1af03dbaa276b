// The one table of routes. OpenAPI, permissions, audit and the tests walk it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/api.hpp"

namespace podplay::api {

using control::Permission;

// What a route does. A change is a revision: it takes ?wait and ?dry_run. An action is done at once
// and leaves no revision; it cannot be tried out, so that ?dry_run is refused instead of being
// overlooked.
enum class Effect { reads, acts, changes };

using Handler = Result<Answer> (*)(control::Context&, Request&);

struct Route {
  std::string_view method;
  // "/api/users/{id}"
  std::string_view path;
  Permission permission;
  Effect effect;
  // of the body; nullptr: no body
  const wire::Shape* shape;
  // the event of a write; empty: it writes nothing
  std::string_view audit;
  // the CLI's noun and verb; empty: none needed
  std::string_view cli;
  // its own parameters, with blanks between them; those of changes (wait, dry_run) come by
  // themselves
  std::string_view query;
  Handler handler;
  std::string_view help;
};

std::span<const Route> routes();

// A parameter of the query: what it means is the same on every route.
struct QueryRow {
  std::string_view name;
  // of OpenAPI
  std::string_view type;
  std::string_view help;
};
// Those that a route takes.
std::vector<QueryRow> query_rows(const Route& route);

// The route of a path, the {parameter} found in it; `allowed` gets the methods of the path when
// only the method is wrong.
const Route* find_route(std::string_view method, std::string_view path, std::string& parameter,
                        std::string& allowed);

Json openapi();

}  // namespace podplay::api
