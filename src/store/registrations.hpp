// Pending registrations, and how domains take them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/journey.hpp"
#include "store/store.hpp"

namespace podplay::store {

void insert_registration(Transaction& transaction, const Registration& registration);
// A new state, and until when it is kept.
void update_registration(Transaction& transaction, const Registration& registration);
void delete_registration(Transaction& transaction, std::int64_t id);
std::optional<Registration> find_registration(Session& session, std::int64_t id);
// The one that waits for approval, else the newest.
std::optional<Registration> find_registration(Session& session, const std::string& email);
// Whether one for this address waits for approval.
bool waits_for_approval(Session& session, const std::string& email);
// In order of id, after the id `after`. An empty `domain` means all.
std::vector<Registration> list_registrations(Session& session, const std::string& domain,
                                             std::int64_t after, std::int64_t limit);
// Those that have not expired.
std::int64_t count_registrations(Session& session, const std::string& domain, WallTime now);
std::int64_t delete_registrations_expired(Transaction& transaction, WallTime now,
                                          std::int64_t limit);
std::int64_t count_registrations_expired(Session& session, WallTime now);

// Nothing for a domain that follows the settings.
std::optional<RegistrationRule> find_registration_rule(Session& session, const std::string& domain);
std::vector<RegistrationRule> list_registration_rules(Session& session);
void put_registration_rule(Transaction& transaction, const RegistrationRule& rule);
void delete_registration_rule(Transaction& transaction, const std::string& domain);

}  // namespace podplay::store
