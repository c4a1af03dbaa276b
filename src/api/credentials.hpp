// /api/factors, /api/totp, /api/recovery-codes, /api/passkeys, /api/app-passwords: what proves a
// person beside the password.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> get_factors(control::Context& context, Request& request);
Result<Answer> get_user_factors(control::Context& context, Request& request);
Result<Answer> reset_factors(control::Context& context, Request& request);
Result<Answer> begin_totp(control::Context& context, Request& request);
Result<Answer> confirm_totp(control::Context& context, Request& request);
Result<Answer> remove_totp(control::Context& context, Request& request);
Result<Answer> get_recovery_codes(control::Context& context, Request& request);
Result<Answer> renew_recovery_codes(control::Context& context, Request& request);

Result<Answer> begin_passkey(control::Context& context, Request& request);
Result<Answer> create_passkey(control::Context& context, Request& request);
Result<Answer> list_passkeys(control::Context& context, Request& request);
Result<Answer> rename_passkey(control::Context& context, Request& request);
Result<Answer> delete_passkey(control::Context& context, Request& request);
Result<Answer> offer_passkey_login(control::Context& context, Request& request);
Result<Answer> login_by_passkey(control::Context& context, Request& request);
Result<Answer> offer_passkey_proof(control::Context& context, Request& request);

Result<Answer> list_app_passwords(control::Context& context, Request& request);
Result<Answer> list_user_app_passwords(control::Context& context, Request& request);
Result<Answer> create_app_password(control::Context& context, Request& request);
Result<Answer> revoke_app_password(control::Context& context, Request& request);

}  // namespace podplay::api
