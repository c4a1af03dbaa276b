// Use-cases of users: each is one function and one transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "control/identity/user_input.hpp"

namespace podplay::control {

Result<Changed<User>> create_user(Context& context, const Actor& actor, const UserInput& input,
                                  const WriteOptions& options);
// `key` is an id or an e-mail address, here and below. A user whom the actor does not administer is
// answered like one that does not exist ("user_unknown").
Result<User> get_user(Context& context, const Actor& actor, const std::string& key);
// At most `limit` users with an id above `after`, by id. `domain`: Actor::domains_to_list().
Result<std::vector<User>> list_users(Context& context, const Actor& actor,
                                     const std::string& domain, std::int64_t after,
                                     std::int64_t limit);
// A new password, and disabling, end the user's logins.
Result<Changed<User>> update_user(Context& context, const Actor& actor, const std::string& key,
                                  const UserInput& input, const WriteOptions& options);
Result<Changed<User>> delete_user(Context& context, const Actor& actor, const std::string& key,
                                  const WriteOptions& options);

// For the other files about users:
std::optional<User> find_user_by_key(store::Session& session, const std::string& key);
std::unexpected<Error> no_user(const std::string& key);
// A user of a domain that the actor does not administer is answered like one that does not exist.
Status hide_refusal(Status permitted, const std::string& key);
// Fails when `user` is the only administrator. For a change that takes that role away.
Status keep_an_admin(store::Session& session, const User& user);

// Inside a change that the caller permits and finishes:
// The domain exists, and the address is neither a mailbox nor an alias.
Status check_free(store::Session& session, const User& user);
// Gives the user an id, and stores the user and the mailbox.
void insert_user(Change& change, User& user);
FeedRow mailbox_row(const User& user);
// Inside a change: the user goes, with logins, app passwords and the mailbox. The caller wakes the
// jobs after the commit.
void drop_user(Change& change, const Actor& actor, const User& user);
// A number for the owner of a mailbox. A later user of the same address has another one. Below
// 2^53, so that every reader of JSON keeps it exactly; never 0.
std::int64_t random_owner();

}  // namespace podplay::control
