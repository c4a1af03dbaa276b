// /api/mail/deleted and /api/sites/deleted
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_deleted_mail(control::Context& context, Request& request);
Result<Answer> restore_deleted_mail(control::Context& context, Request& request);
Result<Answer> erase_deleted_mail(control::Context& context, Request& request);
Result<Answer> list_deleted_sites(control::Context& context, Request& request);
Result<Answer> restore_deleted_site(control::Context& context, Request& request);
Result<Answer> erase_deleted_site(control::Context& context, Request& request);

}  // namespace podplay::api
