// The pod's root certificate for everybody, and the page that says how to trust it.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_ca(control::Context& context, Request& request);
Result<Answer> get_trust_page(control::Context& context, Request& request);

}  // namespace podplay::api
