// Who administers what. A grant is a role and where it holds: "admin" everywhere, "domain-admin" at
// one domain. Only administrators give and take them.
#pragma once

#include <string>
#include <vector>

#include "control/identity/users.hpp"
#include "model/user.hpp"

namespace podplay::control {

// "admin", or "domain-admin:example.com": a grant's name in paths.
struct GrantName {
  Role role = Role::domain_admin;
  // Empty for admin.
  std::string domain{};
};
Result<GrantName> parse_grant(const std::string& text);
std::string to_text(const Grant& grant);

// Users see their own.
Result<std::vector<Grant>> list_grants(Context& context, const Actor& actor,
                                       const std::string& user);
// Nothing changes when the user has it already.
Result<Changed<User>> add_grant(Context& context, const Actor& actor, const std::string& user,
                                const std::string& grant, const WriteOptions& options);
// Fails with "last_admin" and "own_grant": nobody locks themselves out.
Result<Changed<User>> remove_grant(Context& context, const Actor& actor, const std::string& user,
                                   const std::string& grant, const WriteOptions& options);
// Who administers the domain by a grant, by address.
Result<std::vector<User>> list_domain_admins(Context& context, const Actor& actor,
                                             const std::string& domain);

}  // namespace podplay::control
