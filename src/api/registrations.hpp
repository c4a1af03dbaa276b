// Registration, and what else people do by a link in a mail, without a login.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_registration_doors(control::Context& context, Request& request);
Result<Answer> register_account(control::Context& context, Request& request);
Result<Answer> look_at_link(control::Context& context, Request& request);
Result<Answer> confirm_link(control::Context& context, Request& request);
Result<Answer> request_password_reset(control::Context& context, Request& request);
Result<Answer> set_password_by_link(control::Context& context, Request& request);

// For administrators.
Result<Answer> get_registration_rule(control::Context& context, Request& request);
Result<Answer> set_registration_rule(control::Context& context, Request& request);
Result<Answer> list_registrations(control::Context& context, Request& request);
Result<Answer> get_registration(control::Context& context, Request& request);
Result<Answer> approve_registration(control::Context& context, Request& request);
Result<Answer> refuse_registration(control::Context& context, Request& request);
Result<Answer> show_registration_link(control::Context& context, Request& request);
Result<Answer> invite_user(control::Context& context, Request& request);
Result<Answer> mail_user(control::Context& context, Request& request);
Result<Answer> clean_up_journeys(control::Context& context, Request& request);

}  // namespace podplay::api
