// /api/system/support-bundle
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> start_support_bundle(control::Context& context, Request& request);
Result<Answer> get_support_bundle(control::Context& context, Request& request);
Result<Answer> download_support_bundle(control::Context& context, Request& request);

}  // namespace podplay::api
