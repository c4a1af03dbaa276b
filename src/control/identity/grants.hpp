// Who administers what. A grant is a role and where it holds: "admin" everywhere, "domain-admin" at
// one domain. Only administrators give and take them.
#pragma once

#include <string>
#include <vector>

#include "control/identity/users.hpp"
#include "model/user.hpp"

namespace podplay::control {

// Which grant: "admin" has no domain, "domain-admin" has one.
struct GrantName {
  Role role = Role::domain_admin;
  std::string domain{};
};
Result<GrantName> parse_grant(const std::string& role, const std::string& domain);

// Users see their own.
Result<std::vector<Grant>> list_grants(Context& context, const Actor& actor,
                                       const std::string& user);
// Nothing changes when the user has it already.
Result<Changed<User>> add_grant(Context& context, const Actor& actor, const std::string& user,
                                const GrantName& grant, const WriteOptions& options);
// Fails with "last_admin" and "own_grant": nobody locks themselves out.
Result<Changed<User>> remove_grant(Context& context, const Actor& actor, const std::string& user,
                                   const GrantName& grant, const WriteOptions& options);
// Who administers the domain by a grant, by address.
Result<std::vector<User>> list_domain_admins(Context& context, const Actor& actor,
                                             const std::string& domain);

// For use-cases that change a user's role or domains:
// Fails with "role_too_high" when the actor may not give what the input asks for.
Status may_give(const Actor& actor, const UserInput& input);
// Fails with "own_grant" when the actor would lose a grant.
Status keep_own_grants(const Actor& actor, const User& before, const User& after);
// Adds a fault for each granted domain that does not exist.
Status check_granted_domains(store::Session& session, const User& user);
// GRANT_ADDED and GRANT_REMOVED for what differs.
void note_grants(Change& change, const User& before, const User& after);

}  // namespace podplay::control
