// How mail clients set themselves up. Apache sends here what they ask at a domain's names.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_mail_settings(control::Context& context, Request& request);
Result<Answer> set_up_thunderbird(control::Context& context, Request& request);
// POST has the client's address in its body. GET gives the same without a login name.
Result<Answer> set_up_outlook(control::Context& context, Request& request);
Result<Answer> set_up_apple(control::Context& context, Request& request);

}  // namespace podplay::api
