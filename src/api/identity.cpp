// Logins and the first administrator. Only the answer to a login carries its token.
#include "api/identity.hpp"

#include "api/answers.hpp"
#include "control/identity/bootstrap.hpp"
#include "control/identity/login.hpp"

namespace podplay::api {

Result<Answer> bootstrap(control::Context& context, Request& request) {
  control::UserInput input;
  input.email = wire::text_or(request.body, "email");
  input.password = Secret(wire::text_or(request.body, "password"));
  input.username = wire::optional_text(request.body, "username");
  return write_answer(
      context, request,
      control::bootstrap(context, request.actor, wire::text_or(request.body, "secret"), input,
                         request.options));
}

Result<Answer> login(control::Context& context, Request& request) {
  TRY(const auto done,
      control::login(context, wire::text_or(request.body, "email"),
                     Secret(wire::text_or(request.body, "password")), request.actor));
  return Answer{.body = {{"token", done.token},
                         {"expires", to_rfc3339(done.expires)},
                         {"user", wire::to_json(done.user)}}};
}

Result<Answer> logout(control::Context& context, Request& request) {
  TRY(control::logout(context, request.actor, request.token));
  return Answer{.body = {{"logged_out", request.actor.email()}}};
}

Result<Answer> get_session(control::Context& context, Request& request) {
  return object_answer(control::get_user(context, request.actor, request.actor.email()));
}

}  // namespace podplay::api
