// The limiter tells answers apart by their marks, as it does passwords: the same wrong code again
// is no further guess.
#include "control/identity/prove_factor.hpp"

#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "control/limits/refusal.hpp"

namespace podplay::control {

Status prove_factor(Context& context, const Actor& asking, const User& user,
                    const FactorAnswer& answer) {
  const Secret shown =
      answer.factor == Factor::passkey ? Secret(json_text(answer.passkey)) : answer.code;
  const guard::LoginTry attempt = login_try(context, asking, user.email, shown);
  if (const auto refusal = context.logins.begin(attempt)) {
    return refuse_login(context, *refusal);
  }
  Status done = verify_factor(context, asking, user, answer);
  if (done) {
    context.logins.succeeded(attempt);
    return {};
  }
  // A fault of ours is no wrong answer.
  if (done.error().kind != ErrorKind::unauthorized && done.error().kind != ErrorKind::invalid) {
    return done;
  }
  context.logins.failed(attempt);
  context.auth.warn("the second factor was wrong", {{"email", user.email},
                                                    {"factor", to_text(answer.factor)},
                                                    {"from", asking.remote_address()},
                                                    {"request", asking.request_id()}});
  note_action(context, asking, "FACTOR_FAILED", user.email);
  return done;
}

}  // namespace podplay::control
