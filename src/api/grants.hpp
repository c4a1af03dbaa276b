// /api/users/{id}/grants and /api/domains/{name}/admins: who administers what
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_grants(control::Context& context, Request& request);
Result<Answer> add_grant(control::Context& context, Request& request);
Result<Answer> remove_grant(control::Context& context, Request& request);
Result<Answer> list_domain_admins(control::Context& context, Request& request);

}  // namespace podplay::api
