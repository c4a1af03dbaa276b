// /api/revisions
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_revisions(control::Context& context, Request& request);
Result<Answer> get_revision(control::Context& context, Request& request);

}  // namespace podplay::api
