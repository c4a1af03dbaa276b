// users.role is the strongest of a user's grants. Each way of changing them (the grants' routes,
// and `role` and `domains` of a user) ends in the same rules here.
#include "control/identity/grants.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "control/identity/known_logins.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"
#include "store/grants.hpp"
#include "store/sessions.hpp"
#include "store/users.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

constexpr std::string_view kAdmin = "admin";
constexpr std::string_view kOfDomain = "domain-admin:";

std::string text_of(const GrantName& grant) {
  return grant.role == Role::admin ? std::string(kAdmin)
                                   : fmt::format("{}{}", kOfDomain, grant.domain);
}

// The names of what a user has.
std::vector<std::string> grants_of(const User& user) {
  std::vector<std::string> names;
  if (user.role == Role::admin) {
    names.emplace_back(kAdmin);
  }
  for (const std::string& domain : user.domains) {
    names.push_back(fmt::format("{}{}", kOfDomain, domain));
  }
  return names;
}

Role strongest(bool admin, const std::set<std::string>& domains) {
  if (admin) {
    return Role::admin;
  }
  return domains.empty() ? Role::user : Role::domain_admin;
}

User with_grant(User user, const GrantName& grant, bool has) {
  bool admin = user.role == Role::admin;
  if (grant.role == Role::admin) {
    admin = has;
  } else if (has) {
    user.domains.insert(grant.domain);
  } else {
    user.domains.erase(grant.domain);
  }
  user.role = strongest(admin, user.domains);
  return user;
}

Result<Changed<User>> change_grant(Context& context, const Actor& actor, const std::string& key,
                                   const GrantName& grant, const WriteOptions& options, bool has) {
  TRY(actor.may_use(Permission::admin));
  auto changed = make_change<User>(context, actor, options, [&](Change& change) -> Result<User> {
    const auto before = find_user_by_key(change.transaction(), key);
    if (!before) {
      return no_user(key);
    }
    TRY(check_match(options, before->revision));
    User user = with_grant(*before, grant, has);
    if (user == *before) {
      change.leave(before->revision);
      return user;
    }
    if (user.role != Role::admin) {
      TRY(keep_an_admin(change.transaction(), *before));
    }
    TRY(keep_own_grants(actor, *before, user));
    TRY(check_granted_domains(change.transaction(), user));
    // no going back after this
    user.updated = change.now();
    user.revision = change.revision();
    store::update_user(change.transaction(), user);
    store::delete_sessions_of(change.transaction(), user.id, 0);
    store::note_login_change(change.transaction());
    change.finish(has ? "GRANT_ADDED" : "GRANT_REMOVED",
                  fmt::format("{} {}", user.email, text_of(grant)),
                  fmt::format("{} {} {}", has ? "grant" : "revoke", text_of(grant), user.email),
                  difference(wire::to_json(*before), wire::to_json(user)));
    return user;
  });
  if (changed && !options.dry_run) {
    context.known_logins.forget_user(changed->object.id);
  }
  return changed;
}

}  // namespace

Result<GrantName> parse_grant(const std::string& role_text, const std::string& domain_text) {
  TRY(const auto role, parse_role(role_text));
  if (role == Role::user) {
    return fail_faults({{.field = "role",
                         .code = "unknown_word",
                         .message = "the role user needs no grant",
                         .remedy = "use domain-admin or admin"}});
  }
  if (role == Role::admin && domain_text.empty()) {
    return GrantName{.role = role};
  }
  if (role == Role::admin) {
    return fail_faults({{.field = "domain",
                         .code = "role_without_domains",
                         .message = "an administrator administers every domain",
                         .remedy = "leave the domain out, or use the role domain-admin"}});
  }
  TRY(const auto domain, DomainName::parse(domain_text, "domain"));
  return GrantName{.role = role, .domain = domain.text()};
}

Result<std::vector<Grant>> list_grants(Context& context, const Actor& actor,
                                       const std::string& key) {
  TRY(const auto user, get_user(context, actor, key));
  return context.store.read<std::vector<Grant>>(
      [&](store::Session& session) { return store::list_grants(session, user.id); });
}

Result<Changed<User>> add_grant(Context& context, const Actor& actor, const std::string& user,
                                const GrantName& grant, const WriteOptions& options) {
  return change_grant(context, actor, user, grant, options, true);
}

Result<Changed<User>> remove_grant(Context& context, const Actor& actor, const std::string& user,
                                   const GrantName& grant, const WriteOptions& options) {
  return change_grant(context, actor, user, grant, options, false);
}

Result<std::vector<User>> list_domain_admins(Context& context, const Actor& actor,
                                             const std::string& domain) {
  const auto name = DomainName::parse(domain, "name");
  struct Found {
    bool exists = false;
    std::vector<User> users;
  };
  TRY(auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.exists = name && store::find_domain(session, name->text()), .users = {}};
    if (result.exists) {
      result.users = store::list_domain_admins(session, name->text());
    }
    return result;
  }));
  if (!found.exists || !actor.may_administer(name->text())) {
    return fail(ErrorKind::not_found, "domain_unknown",
                fmt::format("there is no domain {}", domain.substr(0, 253)),
                "podplay domains list shows the domains");
  }
  return std::move(found.users);
}

Status may_give(const Actor& actor, const UserInput& input) {
  if (input.role) {
    TRY(actor.may_give_role(*input.role));
  }
  if (input.domains && !input.domains->empty()) {
    TRY(actor.may_give_role(to_text(Role::domain_admin)));
  }
  return {};
}

Status keep_own_grants(const Actor& actor, const User& before, const User& after) {
  const auto left = grants_of(after);
  const auto had = grants_of(before);
  const bool loses = std::ranges::any_of(
      had, [&](const std::string& grant) { return std::ranges::find(left, grant) == left.end(); });
  if (!loses || !actor.is(before)) {
    return {};
  }
  return fail(ErrorKind::conflict, "own_grant",
              fmt::format("{} cannot take back what this login itself needs", before.email),
              "ask another administrator to do it");
}

Status check_granted_domains(store::Session& session, const User& user) {
  std::vector<Fault> faults;
  for (const std::string& domain : user.domains) {
    if (!store::find_domain(session, domain)) {
      faults.push_back(
          {.field = "domains",
           .code = "domain_missing",
           .message = fmt::format("the domain {} does not exist here", domain),
           .remedy = fmt::format("add it first: podplay domains create --name {}", domain)});
    }
  }
  return no_faults(std::move(faults));
}

void note_grants(Change& change, const User& before, const User& after) {
  const auto had = grants_of(before);
  const auto has = grants_of(after);
  const auto note = [&](const char* event, const auto& some, const auto& others) {
    for (const std::string& grant : some) {
      if (std::ranges::find(others, grant) == others.end()) {
        change.note(event, fmt::format("{} {}", after.email, grant));
      }
    }
  };
  note("GRANT_ADDED", has, had);
  note("GRANT_REMOVED", had, has);
}

}  // namespace podplay::control
