// /api/mail
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> send_mail(control::Context& context, Request& request);
Result<Answer> test_mail(control::Context& context, Request& request);

}  // namespace podplay::api
