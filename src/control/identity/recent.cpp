// A token that was made for a program was never proven by a person, so it is never recent.
#include "control/identity/recent.hpp"

#include "control/identity/own_password.hpp"

namespace podplay::control {

bool is_recent(const Context& context, const Actor& actor) {
  const std::chrono::seconds kept(context.settings.integer("PODPLAY_REAUTHENTICATION"));
  const WallTime now = context.clock.now();
  const WallTime proven = actor.login().proven;
  return proven > WallTime{} && proven <= now && now < proven + kept;
}

Status require_recent(Context& context, const Actor& actor, const User& user,
                      const std::optional<Secret>& current) {
  if (current) {
    return prove_own_password(context, actor, user, current);
  }
  if (is_recent(context, actor)) {
    return {};
  }
  return fail(ErrorKind::forbidden, "proof_needed",
              "this needs your password again, since your login was proven too long ago",
              "send current_password too, or prove the session: POST /api/session/prove");
}

}  // namespace podplay::control
