// /api/mail/trace
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> trace_mail(control::Context& context, Request& request);

}  // namespace podplay::api
