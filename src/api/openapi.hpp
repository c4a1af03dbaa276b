// The OpenAPI 3.1 description of the API, made from the table of routes and the shapes.
#pragma once

#include <string_view>

#include "api/request.hpp"
#include "api/routes.hpp"

namespace podplay::api {

// Made again by each call: it takes 4 MiB, four times its text.
Json openapi();
// "users" for /api/users/{id}: the routes of one noun belong together.
std::string_view tag_of(const Route& route);
// GET /api/openapi.json
Result<Answer> get_openapi(control::Context& context, Request& request);

}  // namespace podplay::api
