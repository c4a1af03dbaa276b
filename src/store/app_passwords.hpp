// App passwords of users, found by id. Dovecot finds them by their hash, in the mail agent's
// replica.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/credential.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_app_password(Transaction& transaction, const AppPassword& password);
std::optional<AppPassword> find_app_password(Session& session, std::int64_t id);
// By id.
std::vector<AppPassword> list_app_passwords(Session& session, std::int64_t user_id);
// At most `limit` of all users with ids above `after`, by id.
std::vector<AppPassword> list_all_app_passwords(Session& session, std::int64_t after,
                                                std::int64_t limit);
void delete_app_password(Transaction& transaction, std::int64_t id);
// Where it was used last; an older use than the one that is known changes nothing.
void note_app_password_use(Transaction& transaction, std::int64_t id, WallTime at,
                           const std::string& address, const std::string& protocol);

}  // namespace podplay::store
