// The description of the API as a page for people. It is made from the same JSON as openapi.json,
// so both always say the same, and it needs nothing from anywhere else.
#pragma once

#include <string>

#include "api/request.hpp"

namespace podplay::api {

// GET /api/docs
Result<Answer> get_docs(control::Context& context, Request& request);

// The page for a description in OpenAPI 3.1.
std::string docs_page(const Json& description);

}  // namespace podplay::api
