// The limiter tells the agents, so that the mail server's doors open within a second.
#include "control/limits/locks.hpp"

#include "control/audit.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {

Result<UserLock> why_locked(Context& context, const Actor& actor, const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  return UserLock{.email = user.email, .state = context.logins.look(user.email)};
}

Result<std::string> unlock_user(Context& context, const Actor& actor, const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  TRY(actor.may_administer(user));
  context.logins.unlock(user.email);
  note_action(context, actor, "USER_UNLOCKED", user.email);
  return user.email;
}

}  // namespace podplay::control
