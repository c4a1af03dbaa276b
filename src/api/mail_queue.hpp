// /api/mail/queue
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_mail_queue(control::Context& context, Request& request);
Result<Answer> retry_queued_mail(control::Context& context, Request& request);
Result<Answer> hold_queued_mail(control::Context& context, Request& request);
Result<Answer> release_queued_mail(control::Context& context, Request& request);
Result<Answer> delete_queued_mail(control::Context& context, Request& request);

}  // namespace podplay::api
