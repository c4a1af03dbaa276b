// Only a browser logs in by an outside provider, and gets a cookie. A login belongs to the browser
// that began it, by its login cookie; without one, another site could log somebody in as another
// person.
#include "api/outside_login.hpp"

#include "api/cookies.hpp"
#include "api/logins.hpp"
#include "base/encoding.hpp"
#include "control/identity/outside_login.hpp"
#include "wire/outside_login.hpp"

namespace podplay::api {

Result<Answer> offer_outside_login(control::Context& context, Request&) {
  const auto offer = control::offer_outside_login(context.settings);
  return Answer{.body = {{"available", offer.available}, {"name", offer.name}}};
}

Result<Answer> begin_outside_login(control::Context& context, Request& request) {
  TRY(check_login_csrf(request.http));
  // A browser that is logged in may have none.
  std::string browser = cookie_of(request.http, kLoginCookie);
  if (browser.empty()) {
    browser = random_token();
  }
  TRY(const auto redirect, control::begin_outside_login(context, browser));
  Answer answer{.body = {{"redirect", redirect}}};
  answer.headers["Set-Cookie"] = set_cookie(kLoginCookie, browser, kLoginCookieLifetime);
  return answer;
}

Result<Answer> finish_outside_login(control::Context& context, Request& request) {
  TRY(check_login_csrf(request.http));
  TRY(const auto step, control::finish_outside_login(context, cookie_of(request.http, kLoginCookie),
                                                     {.state = wire::text_or(request.body, "state"),
                                                      .code = wire::text_or(request.body, "code"),
                                                      .issuer = wire::text_or(request.body, "iss")},
                                                     {.kind = LoginFacts::Kind::session,
                                                      .agent = request.http.header("User-Agent")},
                                                     request.actor));
  return login_step_answer(context, step);
}

Result<Answer> get_outside_connection(control::Context& context, Request& request) {
  TRY(const auto found, control::get_outside_connection(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(found.email, found.identity)};
}

Result<Answer> disconnect_outside_login(control::Context& context, Request& request) {
  TRY(const auto found,
      control::disconnect_outside_login(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(found.email, found.identity)};
}

}  // namespace podplay::api
