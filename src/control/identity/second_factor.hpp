// What all second factors of a user have in common: whether a login needs one, what follows when
// the first is added or the last is removed, and their reset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "model/credential.hpp"
#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::control {

bool demands_second_factor(const Settings& settings, Role role);

// `key` is an id or an address; empty: the actor's own. A user whom the actor may not see is
// answered like one that does not exist ("user_unknown").
Result<FactorOverview> get_factors(Context& context, const Actor& actor, const std::string& key);
// Removes all factors and recovery codes of a user who lost them, ends the user's logins, and tells
// the user by mail. Only for who administers the user.
Result<Changed<FactorOverview>> reset_factors(Context& context, const Actor& actor,
                                              const std::string& key, const WriteOptions& options);
// Ten new recovery codes instead of those that are left. They are shown once.
Result<std::vector<Secret>> renew_recovery_codes(Context& context, const Actor& actor,
                                                 const std::optional<Secret>& current_password);

// For the other files about factors:
// The user who asks. Fails for who is none.
Result<User> own_user(Context& context, const Actor& actor);
Result<User> own_user(store::Session& session, const Actor& actor);
FactorOverview overview_of(const Settings& settings, store::Session& session, const User& user);
// Inside a change, after a factor was added or removed: a login needs one while there is any, mail
// gets the password's hash only while there is none, and all other logins of the user end when that
// changes. Returns the recovery codes that the first factor brings; with the last one they go.
std::vector<Secret> follow_factors(Change& change, const Actor& actor, User& user);
// Fails with "factor_demanded" when the user has one factor and must have one.
Status may_lose_factor(const Settings& settings, store::Session& session, const User& user);
// As what the secret of the user's authenticator app is sealed.
std::string totp_place(const User& user);
// For the audit.
Difference factor_difference(const FactorOverview& before, const FactorOverview& after);
// A name that a person gives to a passkey or an app password. Adds a fault when it is no good.
void check_given_name(const std::string& name, std::vector<Fault>& faults);

// Inside a change that deletes the user: what of the credentials is outside of the user's row.
void drop_credentials(Change& change, const User& user);

}  // namespace podplay::control
