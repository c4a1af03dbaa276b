// The first administrator. It works only with the one-time secret, and only while there is no
// administrator.
#include "api/identity.hpp"

#include "api/answers.hpp"
#include "control/identity/bootstrap.hpp"

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

}  // namespace podplay::api
