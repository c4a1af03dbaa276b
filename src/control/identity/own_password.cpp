// The current password is a try to log in: it has the same limits, and its failure the same words.
#include "control/identity/own_password.hpp"

#include "auth/password_scheme.hpp"
#include "control/audit.hpp"
#include "control/limits/refusal.hpp"

namespace podplay::control {

Status prove_own_password(Context& context, const Actor& actor, const User& user,
                          const std::optional<Secret>& current) {
  if (!current) {
    return fail_faults(
        {{.field = "current_password",
          .code = "missing",
          .message = "your own password is changed only together with the current one",
          .remedy = "give the current password too"}});
  }
  const guard::LoginTry attempt = login_try(context, actor, user.email, *current);
  if (const auto refusal = context.logins.begin(attempt)) {
    return refuse_login(context, *refusal);
  }
  if (!auth::verify(user.password_hash, *current)) {
    context.logins.failed(attempt);
    context.auth.warn(
        "the current password was wrong",
        {{"email", user.email}, {"from", actor.remote_address()}, {"request", actor.request_id()}});
    note_action(context, actor, "PASSWORD_REFUSED", user.email);
    return fail_faults({{.field = "current_password",
                         .code = "wrong_password",
                         .message = "the current password is wrong",
                         .remedy = "give the password that you log in with"}});
  }
  context.logins.succeeded(attempt);
  return {};
}

}  // namespace podplay::control
