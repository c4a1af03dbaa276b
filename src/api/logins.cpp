// Only the answer to a login carries its token or its cookie.
#include "api/logins.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/cookies.hpp"
#include "base/control_character.hpp"
#include "base/encoding.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/users.hpp"
#include "wire/logins.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono;

constexpr std::size_t kLongestName = 100;

seconds left_of(control::Context& context, WallTime expires) {
  return duration_cast<seconds>(expires - context.clock.now());
}

Result<std::string> read_login_name(const Request& request) {
  const std::string name = wire::text_or(request.body, "name", "login");
  const bool plain = std::ranges::none_of(name, is_control);
  if (plain && !name.empty() && name.size() <= kLongestName) {
    return name;
  }
  return fail_faults({{.field = "name",
                       .code = "bad_name",
                       .message = "that is no name for a login",
                       .remedy = fmt::format("use 1 to {} characters", kLongestName)}});
}

Answer half_answer(const control::HalfLogin& half) {
  Json factors = Json::array();
  for (const Factor factor : half.offer.factors) {
    factors.push_back(to_text(factor));
  }
  Answer answer{.body = {{"second_factor_required", true},
                         {"ticket", half.ticket},
                         {"factors", std::move(factors)},
                         {"expires", to_rfc3339(half.expires)}}};
  if (half.offer.passkey) {
    answer.body["passkey"] = wire::to_json(*half.offer.passkey);
  }
  return answer;
}

// What GET /api/session says of the login itself.
Json login_json(control::Context& context, const Request& request) {
  const LoginFacts& login = request.actor.login();
  const bool session = login.kind == LoginFacts::Kind::session;
  const seconds recent(context.settings.integer("PODPLAY_REAUTHENTICATION"));
  Json json{{"kind", to_text(login.kind)},
            {"id", login.id},
            {"strength", to_text(login.strength)},
            {"scopes", login.scopes.words()},
            {"expires", to_rfc3339(login.expires)}};
  if (control::is_recent(context, request.actor)) {
    json["recent_until"] = to_rfc3339(login.proven + recent);
  }
  if (session) {
    const seconds idle(context.settings.integer("PODPLAY_SESSION_IDLE"));
    json["idle_until"] = to_rfc3339(std::min<WallTime>(context.clock.now() + idle, login.expires));
    json["csrf_token"] = control::csrf_token(cookie_of(request.http, kSessionCookie));
  }
  return json;
}

}  // namespace

Status check_login_csrf(const net::HttpRequest& http) {
  TRY(check_origin(http));
  const std::string session = cookie_of(http, kSessionCookie);
  if (!session.empty() && check_csrf(http, session)) {
    return {};
  }
  return check_csrf(http, cookie_of(http, kLoginCookie));
}

Result<control::LoginWish> read_login_wish(const Request& request) {
  control::LoginWish wish;
  const std::string session = wire::text_or(request.body, "session", "token");
  if (session == "cookie") {
    TRY(check_login_csrf(request.http));
    wish.kind = LoginFacts::Kind::session;
    wish.agent = request.http.header("User-Agent");
  } else if (session != "token") {
    return fail_faults({{.field = "session",
                         .code = "unknown_word",
                         .message = fmt::format("'{}' is no kind of login", session.substr(0, 40)),
                         .remedy = "use cookie in a browser, else token"}});
  }
  TRY(wish.name, read_login_name(request));
  return wish;
}

Answer login_answer(control::Context& context, const control::Login& login) {
  Answer answer{
      .body = {{"expires", to_rfc3339(login.expires)}, {"user", wire::to_json(login.user)}}};
  if (login.kind == LoginFacts::Kind::session) {
    answer.headers["Set-Cookie"] =
        set_cookie(kSessionCookie, login.token, left_of(context, login.expires));
    answer.body["csrf_token"] = control::csrf_token(login.token);
  } else if (!login.token.empty()) {
    answer.body["token"] = login.token;
  }
  return answer;
}

Answer login_step_answer(control::Context& context, const control::LoginStep& step) {
  return step.half ? half_answer(*step.half) : login_answer(context, *step.done);
}

Result<control::FactorAnswer> read_factor(const Request& request) {
  control::FactorAnswer answer;
  TRY(answer.factor, parse_factor(wire::text_or(request.body, "factor")));
  const bool passkey = answer.factor == Factor::passkey;
  const char* needed = passkey ? "passkey" : "code";
  if (!request.body.contains(needed)) {
    return fail_faults(
        {{.field = needed,
          .code = "missing",
          .message = fmt::format("{} is missing", needed),
          .remedy = passkey ? "give the credential that the browser made" : "give the code"}});
  }
  if (passkey) {
    answer.passkey = request.body["passkey"];
  } else {
    answer.code = Secret(wire::text_or(request.body, "code"));
  }
  return answer;
}

Result<Answer> get_csrf(control::Context& context, Request& request) {
  const std::string session = cookie_of(request.http, kSessionCookie);
  const bool logged_in = !session.empty() && control::authenticate_session(
                                                 context, session, request.actor.remote_address());
  if (logged_in) {
    return Answer{.body = {{"csrf_token", control::csrf_token(session)}, {"logged_in", true}}};
  }
  std::string browser = cookie_of(request.http, kLoginCookie);
  if (browser.empty()) {
    browser = random_token();
  }
  Answer answer{.body = {{"csrf_token", control::csrf_token(browser)}, {"logged_in", false}}};
  answer.headers["Set-Cookie"] = set_cookie(kLoginCookie, browser, kLoginCookieLifetime);
  return answer;
}

Result<Answer> login(control::Context& context, Request& request) {
  TRY(const auto wish, read_login_wish(request));
  TRY(const auto step,
      control::login(context, wire::text_or(request.body, "email"),
                     Secret(wire::text_or(request.body, "password")), wish, request.actor));
  return login_step_answer(context, step);
}

Result<Answer> finish_login(control::Context& context, Request& request) {
  TRY(auto answer, read_factor(request));
  // Only the ticket says whether a cookie was asked for.
  TRY(const auto done,
      control::finish_login(context, wire::text_or(request.body, "ticket"), std::move(answer),
                            check_login_csrf(request.http), request.actor));
  return login_answer(context, done);
}

Result<Answer> logout(control::Context& context, Request& request) {
  TRY(control::logout(context, request.actor));
  Answer answer{.body = {{"logged_out", request.actor.email()}}};
  if (request.actor.login().kind == LoginFacts::Kind::session) {
    answer.headers["Set-Cookie"] = set_cookie(kSessionCookie, "", seconds(0));
  }
  return answer;
}

Result<Answer> get_session(control::Context& context, Request& request) {
  TRY(const auto user, control::get_user(context, request.actor, request.actor.email()));
  // The same user looks different by another login.
  Answer answer{.body = wire::to_json(user),
                .etag = fmt::format("{}-{}", user.revision, request.actor.login().id)};
  answer.body["login"] = login_json(context, request);
  return answer;
}

Result<Answer> prove_session(control::Context& context, Request& request) {
  control::Proof proof;
  if (request.body.contains("factor")) {
    TRY(proof.factor, read_factor(request));
  }
  if (const auto password = wire::optional_text(request.body, "password")) {
    proof.password = Secret(*password);
  }
  TRY(const auto login, control::prove_session(context, request.actor, proof));
  return login_answer(context, login);
}

}  // namespace podplay::api
