// The user stays as it is for everybody: neither its revision nor the time of its last change is
// new. Mail gets the new hash, which ends open sessions of the mailbox once; they come back by
// themselves, since the password is the same.
#include "control/identity/rehash.hpp"

#include "auth/password_scheme.hpp"
#include "control/change.hpp"
#include "control/identity/users.hpp"
#include "store/users.hpp"

namespace podplay::control {

HashCost hash_cost(const Settings& settings) {
  return {.memory = static_cast<std::uint32_t>(settings.integer("PODPLAY_PASSWORD_MEMORY")),
          .passes = static_cast<std::uint32_t>(settings.integer("PODPLAY_PASSWORD_PASSES"))};
}

void replace_outdated_hash(Context& context, const User& user, const Secret& password) {
  const HashCost cost = hash_cost(context.settings);
  if (!auth::is_outdated(user.password_hash, cost)) {
    return;
  }
  const auto hash = hash_password(password, cost);
  const auto done = !hash
                        ? std::unexpected(hash.error())
                        : write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
                            auto current = store::find_user(change.transaction(), user.id);
                            // It was changed meanwhile, so it is new already.
                            if (!current || current->password_hash != user.password_hash) {
                              change.leave(user.revision);
                              return {};
                            }
                            current->password_hash = *hash;
                            store::update_user(change.transaction(), *current);
                            if (!current->second_factor) {
                              change.put(ServiceName::mail, mailbox_row(*current));
                            }
                            change.finish("PASSWORD_REHASHED", user.email,
                                          "hash the password of " + user.email + " again");
                            return {};
                          });
  if (!done) {
    context.log.error("the hash of a password could not be renewed",
                      {{"email", user.email}, {"why", describe(done.error())}});
  }
}

}  // namespace podplay::control
