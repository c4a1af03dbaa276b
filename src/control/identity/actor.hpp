// Who asks, and what they may do. Every permission check of the program is a method of Actor.
//
// An actor has no default: every call of a use-case says whether the system, a stranger or a user
// asks. Roles (docs/words.md): administrators may do everything, domain administrators administer
// the domains that were granted to them, users see themselves and change their own password. A
// login may be for less than its user may (model/scopes.hpp).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/login.hpp"
#include "model/user.hpp"

namespace podplay::control {

// What a request needs before its objects are looked at.
enum class Permission {
  // No login.
  anyone,
  // Any login.
  user,
  // A login of a domain administrator or an administrator.
  domain_admin,
  // A login of an administrator.
  admin,
};
// "anyone", "user", "domain-admin", "admin"
std::string_view to_text(Permission permission);

// The domains whose objects a list shows.
struct DomainFilter {
  // Every domain; `names` is not used then.
  bool all = false;
  std::set<std::string> names{};
};

class Actor {
 public:
  // The program itself, at its start and in its jobs. It may do everything.
  static Actor system();
  // Somebody without a login. `request_id` and `remote_address` are for the logs and the audit.
  static Actor anonymous(std::string request_id, std::string remote_address);
  // A user who has proven who they are, without a login of their own.
  static Actor of(const User& user, std::string request_id = {}, std::string remote_address = {});
  // The user of a login.
  static Actor of(const User& user, const LoginFacts& login);
  // The same actor in another request.
  Actor in_request(std::string request_id, std::string remote_address) const;

  // 0 unless the actor is a user.
  std::int64_t user_id() const { return user_id_; }
  // The user's address, "system" or "anonymous": what the audit shows.
  const std::string& email() const { return email_; }
  // Of the user's address; empty for others.
  const std::string& domain() const { return domain_; }
  // What a domain administrator administers; empty for others.
  const std::set<std::string>& domains() const { return domains_; }
  Role role() const { return role_; }
  const LoginFacts& login() const { return login_; }
  const std::string& request_id() const { return request_id_; }
  const std::string& remote_address() const { return remote_address_; }

  // Whether the actor is this user.
  bool is(const User& user) const;

  // Each check below succeeds, or fails with the reason and what to do.

  // Fails with "forbidden": the role is not enough.
  Status may_use(Permission needed) const;
  // Fails with "scope_missing": the login is not for this.
  Status may_use(Scope needed) const;
  // Whether the actor may administer every domain.
  bool administers_all() const { return role_ == Role::admin; }
  // The domain, its users and its aliases.
  Status may_administer(const std::string& domain) const;
  // Create, change and delete the user. Only an administrator may do so with one who administers
  // something. Fails with "not_your_domain" before it tells anything about the user, so that
  // callers can hide who exists.
  Status may_administer(const User& user) const;
  // Users may see themselves.
  Status may_see(const User& user) const;
  // Users may change their own password and nothing else of themselves.
  Status may_change(const User& user, bool only_password) const;
  // Give a user this role, as the request named it.
  Status may_give_role(std::string_view role) const;
  // See what became of a change that `author` (an address or "system") made.
  bool may_see_changes_of(const std::string& author) const;
  // The domains whose users or aliases a list shows: `asked`, or all that the actor administers.
  Result<DomainFilter> domains_to_list(const std::string& asked) const;

 private:
  Actor() = default;

  std::int64_t user_id_ = 0;
  std::string email_;
  std::string domain_;
  Role role_ = Role::user;
  std::set<std::string> domains_;
  LoginFacts login_;
  std::string request_id_;
  std::string remote_address_;
};

}  // namespace podplay::control
