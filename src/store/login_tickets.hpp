// Logins that wait for a second factor.
#pragma once

#include <optional>
#include <string>

#include "model/login.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_login_ticket(Transaction& transaction, const LoginTicket& ticket);
std::optional<LoginTicket> find_login_ticket(Session& session, const std::string& hash);
void count_login_ticket_failure(Transaction& transaction, const std::string& hash);
// False when it was not there any more: a ticket is used once.
bool delete_login_ticket(Transaction& transaction, const std::string& hash);
void delete_login_tickets_of(Transaction& transaction, std::int64_t user_id);
std::int64_t delete_login_tickets_expired(Transaction& transaction, WallTime now,
                                          std::int64_t limit);

}  // namespace podplay::store
