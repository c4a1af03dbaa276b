// Logins: a user proves who they are with a password, and with a second factor where there is one,
// and gets a session (a browser) or a token (a program).
//
//   login() -> a login, or a ticket -> finish_login() with a factor -> a login
//   An outside provider's word instead of the password: go_on_with_login() -> the same.
//   A passkey alone: verified elsewhere, then begin_login().
#pragma once

#include <optional>
#include <string>

#include "control/context.hpp"
#include "control/identity/factors.hpp"
#include "model/user.hpp"

namespace podplay::control {

// What a login will give.
struct LoginWish {
  LoginFacts::Kind kind = LoginFacts::Kind::token;
  // Of a token, such as "podplay on laptop".
  std::string name = "login";
  // Of a session: what the browser calls itself.
  std::string agent{};
};

struct Login {
  LoginFacts::Kind kind = LoginFacts::Kind::token;
  std::int64_t id = 0;
  // The bearer token, or what the cookie holds. Shown once. Only its hash is stored.
  std::string token;
  WallTime expires{};
  Strength strength = Strength::single_factor;
  User user;
};

// A login that needs a second factor.
struct HalfLogin {
  // Shown once. Only its hash is stored. It can be used once, and for kTicketLifetime.
  std::string ticket;
  WallTime expires{};
  FactorOffer offer;
};
inline constexpr std::chrono::minutes kTicketLifetime{5};

struct LoginStep {
  // One of both.
  std::optional<Login> done;
  std::optional<HalfLogin> half;
};

// Fails with "login_failed", which does not say what was wrong, or with "too_many_logins"
// (guard/login_limiter) without looking at the password.
Result<LoginStep> login(Context& context, const std::string& email, const Secret& password,
                        const LoginWish& wish, const Actor& asking);
// Goes on with a login whose user was proven by the password, or by something that is worth one.
// `mark` is the password's (guard/mark.hpp), empty without one.
Result<LoginStep> go_on_with_login(Context& context, const Actor& asking, const User& user,
                                   const LoginWish& wish, const std::string& mark);
// Goes on with a ticket. Fails with "ticket_invalid", or with what verify_factor() says; after a
// few wrong factors the ticket ends. `answer.ticket_hash` is filled in here. `may_have_cookie` is
// what the request's own checks say about a login that will give a cookie.
Result<Login> finish_login(Context& context, const std::string& ticket, FactorAnswer answer,
                           const Status& may_have_cookie, const Actor& asking);
// Begins a login of a user who was proven just now, whatever proved them. The only way to one:
// checks that the user may use the API, and leaves the audit event LOGIN_SUCCESS.
Result<Login> begin_login(Context& context, const Actor& asking, const User& user,
                          Strength strength, const LoginWish& wish);

// Ends the login of the request. Other logins of the user go on.
Status logout(Context& context, const Actor& actor);

}  // namespace podplay::control
