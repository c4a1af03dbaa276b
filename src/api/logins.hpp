// /api/csrf, /api/login, /api/login/factor, /api/logout, /api/session, /api/session/prove
#pragma once

#include "api/request.hpp"
#include "control/identity/login.hpp"

namespace podplay::api {

Result<Answer> get_csrf(control::Context& context, Request& request);
Result<Answer> login(control::Context& context, Request& request);
Result<Answer> finish_login(control::Context& context, Request& request);
Result<Answer> logout(control::Context& context, Request& request);
Result<Answer> get_session(control::Context& context, Request& request);
Result<Answer> prove_session(control::Context& context, Request& request);

// For every way to log in. What the login must give, by `session` and `name` of the body. A cookie
// is given only to a browser that shows the CSRF token of GET /api/csrf: fails with "csrf" and
// "cross_origin".
Result<control::LoginWish> read_login_wish(const Request& request);
// What read_login_wish() demands of a browser, which shows the token of the cookie that it got
// before its login, or of the session that it has still.
Status check_login_csrf(const net::HttpRequest& http);
// How long a browser that is not logged in keeps its login cookie.
inline constexpr std::chrono::hours kLoginCookieLifetime{1};
// The answer to a login that is done, or that needs a second factor.
Answer login_step_answer(control::Context& context, const control::LoginStep& step);
// The answer to a login that is done. Sets the cookie of a session.
Answer login_answer(control::Context& context, const control::Login& login);
// `factor` with `code` or `passkey`, of the body.
Result<control::FactorAnswer> read_factor(const Request& request);

}  // namespace podplay::api
