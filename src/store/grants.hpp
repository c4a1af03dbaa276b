// Grants: which role a user has, and where. The users' table keeps the strongest role of each.
#pragma once

#include <string>
#include <vector>

#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::store {

// By role and scope.
std::vector<Grant> list_grants(Session& session, std::int64_t user_id);
// The domains that a user administers as domain-admin, in order.
std::set<std::string> granted_domains(Session& session, std::int64_t user_id);
// Who administers the domain as domain-admin, by address.
std::vector<User> list_domain_admins(Session& session, const std::string& domain);
// Makes the grants of the user those that `user` has: role and domains. New ones are of `now`.
void put_grants(Transaction& transaction, const User& user, WallTime now);
// A domain that is deleted has no administrators. Users who lose their last one become `user`.
void delete_grants_in(Transaction& transaction, const std::string& domain);

}  // namespace podplay::store
