// Actors and their permissions. A check looks only at the actor and at the object it is given, so
// that it can run inside a transaction.
#include "control/identity/actor.hpp"

#include <fmt/format.h>

namespace podplay::control {

std::string_view to_text(Permission permission) {
  switch (permission) {
    case Permission::anyone: return "anyone";
    case Permission::user: return "user";
    case Permission::domain_admin: return "domain-admin";
    case Permission::admin: return "admin";
  }
  return "";
}

Actor Actor::system() {
  Actor actor;
  actor.email_ = "system";
  actor.role_ = Role::admin;
  return actor;
}

Actor Actor::anonymous(std::string request_id, std::string remote_address) {
  Actor actor;
  actor.email_ = "anonymous";
  actor.request_id_ = std::move(request_id);
  actor.remote_address_ = std::move(remote_address);
  return actor;
}

Actor Actor::of(const User& user, std::string request_id, std::string remote_address) {
  Actor actor;
  actor.user_id_ = user.id;
  actor.email_ = user.email;
  actor.domain_ = user.domain;
  actor.role_ = user.role;
  actor.domains_ = user.domains;
  actor.request_id_ = std::move(request_id);
  actor.remote_address_ = std::move(remote_address);
  return actor;
}

Actor Actor::of(const User& user, const LoginFacts& login) {
  Actor actor = of(user);
  actor.login_ = login;
  return actor;
}

Actor Actor::in_request(std::string request_id, std::string remote_address) const {
  Actor actor = *this;
  actor.request_id_ = std::move(request_id);
  actor.remote_address_ = std::move(remote_address);
  return actor;
}

bool Actor::is(const User& user) const {
  // Strangers and the system have the id 0, which no user has.
  return user_id_ != 0 && user_id_ == user.id;
}

Status Actor::may_use(Permission needed) const {
  bool allowed = false;
  switch (needed) {
    case Permission::anyone: allowed = true; break;
    case Permission::user: allowed = user_id_ != 0 || administers_all(); break;
    case Permission::domain_admin: allowed = role_ != Role::user; break;
    case Permission::admin: allowed = administers_all(); break;
  }
  if (allowed) {
    return {};
  }
  return fail(ErrorKind::forbidden, "forbidden",
              fmt::format("{} has the role {}, which may not do this", email_, to_text(role_)),
              "ask an administrator");
}

Status Actor::may_use(Scope needed) const {
  if (login_.scopes.allows(needed)) {
    return {};
  }
  return fail(ErrorKind::forbidden, "scope_missing",
              fmt::format("this login of {} is not for {}", email_, to_text(needed)),
              "use a token with this scope, or log in; with a second factor, if your role needs "
              "one");
}

Status Actor::may_administer(const std::string& domain) const {
  if (administers_all() || (role_ == Role::domain_admin && domains_.contains(domain))) {
    return {};
  }
  return fail(ErrorKind::forbidden, "not_your_domain",
              fmt::format("{} may not administer {}", email_, domain), "ask an administrator");
}

Status Actor::may_administer(const User& user) const {
  // The domain is checked first: an actor who may not see it must not learn what is in it.
  TRY(may_administer(user.domain));
  // Whoever sets another's password can be that person: nobody rises that way, nor to another
  // domain.
  if (!administers_all() && user.role != Role::user && !is(user)) {
    return fail(ErrorKind::forbidden, "is_admin",
                fmt::format("{} has the role {}", user.email, to_text(user.role)),
                "ask an administrator");
  }
  return {};
}

Status Actor::may_see(const User& user) const {
  if (is(user)) {
    return {};
  }
  return may_administer(user);
}

Status Actor::may_change(const User& user, bool only_password) const {
  if (is(user) && only_password) {
    return {};
  }
  if (is(user) && role_ == Role::user) {
    return fail(ErrorKind::forbidden, "only_the_password",
                "you may change only the password of your own account", "ask an administrator");
  }
  return may_administer(user);
}

Status Actor::may_give_role(std::string_view role) const {
  if (administers_all() || role == to_text(Role::user)) {
    return {};
  }
  return fail(ErrorKind::forbidden, "role_too_high",
              fmt::format("{} may not give the role {}", email_, role), "ask an administrator");
}

bool Actor::may_see_changes_of(const std::string& author) const {
  return administers_all() || author == email_;
}

Result<DomainFilter> Actor::domains_to_list(const std::string& asked) const {
  if (!asked.empty()) {
    TRY(may_administer(asked));
    return DomainFilter{.names = {asked}};
  }
  if (administers_all()) {
    return DomainFilter{.all = true};
  }
  if (domains_.empty()) {
    TRY(may_administer(domain_));
  }
  return DomainFilter{.names = domains_};
}

}  // namespace podplay::control
