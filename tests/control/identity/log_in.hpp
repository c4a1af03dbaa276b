// A login in one step, for users without a second factor.
#pragma once

#include <string>

#include "control/identity/login.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/tokens.hpp"

namespace podplay::test {

inline constexpr const char* kHome = "192.0.2.7";

inline Result<control::Login> log_in(control::Context& context, const std::string& email,
                                     const Secret& password, const control::Actor& asking,
                                     const control::LoginWish& wish = {}) {
  TRY(auto step, control::login(context, email, password, wish, asking));
  if (!step.done) {
    return fail(ErrorKind::conflict, "second_factor_required", "a second factor is missing");
  }
  return std::move(*step.done);
}

inline Result<control::Actor> actor_of(control::Context& context, const control::Login& login,
                                       const std::string& address = kHome) {
  return login.kind == LoginFacts::Kind::session
             ? control::authenticate_session(context, login.token, address)
             : control::authenticate(context, login.token, address);
}

inline control::LoginWish browser() {
  return {.kind = LoginFacts::Kind::session, .agent = "Firefox"};
}

}  // namespace podplay::test
