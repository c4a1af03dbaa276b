// The OpenAPI 3.1 description of the API, made from the table of routes and the shapes.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Json openapi();
// GET /api/openapi.json
Result<Answer> get_openapi(control::Context& context, Request& request);

}  // namespace podplay::api
