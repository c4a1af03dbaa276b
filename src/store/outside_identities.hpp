// Who users are at the outside provider.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/openid.hpp"
#include "store/store.hpp"

namespace podplay::store {

// At most one for each user, and one user for each person there.
void insert_outside_identity(Transaction& transaction, const OutsideIdentity& identity);
std::optional<OutsideIdentity> find_outside_identity(Session& session, std::int64_t user_id);
std::optional<OutsideIdentity> find_outside_identity(Session& session, const std::string& issuer,
                                                     const std::string& subject);
void note_outside_identity_use(Transaction& transaction, std::int64_t user_id,
                               const std::string& address, WallTime now);
// False when there was none.
bool delete_outside_identity(Transaction& transaction, std::int64_t user_id);

// The users who have this recovery address, at most two: one is found, two are too many.
std::vector<std::int64_t> find_users_by_recovery_address(Session& session,
                                                         const std::string& address);

}  // namespace podplay::store
