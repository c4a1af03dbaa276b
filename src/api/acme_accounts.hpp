// /api/acme/accounts
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_acme_accounts(control::Context& context, Request& request);
Result<Answer> create_acme_account(control::Context& context, Request& request);
Result<Answer> get_acme_account(control::Context& context, Request& request);
Result<Answer> change_acme_contact(control::Context& context, Request& request);
Result<Answer> roll_over_acme_key(control::Context& context, Request& request);
Result<Answer> deactivate_acme_account(control::Context& context, Request& request);
Result<Answer> delete_acme_account(control::Context& context, Request& request);

}  // namespace podplay::api
