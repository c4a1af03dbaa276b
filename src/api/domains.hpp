// /api/domains
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_domains(control::Context& context, Request& request);
Result<Answer> create_domain(control::Context& context, Request& request);
Result<Answer> import_domains(control::Context& context, Request& request);
Result<Answer> get_domain(control::Context& context, Request& request);
Result<Answer> update_domain(control::Context& context, Request& request);
Result<Answer> set_zone_serial(control::Context& context, Request& request);
Result<Answer> delete_domain(control::Context& context, Request& request);

}  // namespace podplay::api
