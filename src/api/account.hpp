// The own account of who asks, and accounts that are to be erased.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_account(control::Context& context, Request& request);
Result<Answer> update_account(control::Context& context, Request& request);
Result<Answer> change_recovery_address(control::Context& context, Request& request);
Result<Answer> start_export(control::Context& context, Request& request);
Result<Answer> get_export(control::Context& context, Request& request);
Result<Answer> download_export(control::Context& context, Request& request);
Result<Answer> delete_own_account(control::Context& context, Request& request);

// For administrators.
Result<Answer> list_deletions(control::Context& context, Request& request);
Result<Answer> restore_account(control::Context& context, Request& request);

}  // namespace podplay::api
