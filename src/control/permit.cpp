// Permissions on objects.
#include "control/permit.hpp"

#include <fmt/format.h>

namespace podplay::control {

Status permit_domain(const Actor& actor, const std::string& domain) {
  if (actor.role == Role::admin || (actor.role == Role::domain_admin && actor.domain == domain)) {
    return {};
  }
  return fail(ErrorKind::forbidden, "not_your_domain",
              fmt::format("{} may not administer {}", actor.email, domain), "ask an administrator");
}

Status permit_user(const Actor& actor, const User& user, bool own) {
  if (own && actor.user_id == user.id) {
    return {};
  }
  // The domain first: who may not see it does not learn what is in it.
  TRY(permit_domain(actor, user.domain));
  // A domain-admin does not touch administrators.
  if (actor.role == Role::domain_admin && user.role == Role::admin) {
    return fail(ErrorKind::forbidden, "is_admin", fmt::format("{} is an administrator", user.email),
                "ask an administrator");
  }
  return {};
}

Status check_match(const WriteOptions& options, Revision revision) {
  if (options.if_match == 0 || options.if_match == revision) {
    return {};
  }
  return fail(ErrorKind::precondition, "changed_meanwhile",
              fmt::format("the object is at revision {}, not {}", revision, options.if_match),
              "read it again, then repeat your change");
}

}  // namespace podplay::control
