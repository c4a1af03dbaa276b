// Use-cases of users. One function, one transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/change.hpp"

namespace podplay::control {

// Absent: the default when creating, unchanged when updating.
struct UserInput {
  // when creating
  std::string email;
  // at least 8 characters
  std::optional<Secret> password;
  // import only
  std::optional<std::string> password_hash;
  std::optional<std::string> username;
  std::optional<std::string> role;
  std::optional<bool> enabled;
  // bytes
  std::optional<std::int64_t> quota;
  std::optional<std::vector<std::string>> services;
};

Result<Changed<User>> create_user(Context& context, const Actor& actor, const UserInput& input,
                                  const WriteOptions& options);
// `key`: an id or an e-mail address.
Result<User> get_user(Context& context, const Actor& actor, const std::string& key);
Result<std::vector<User>> list_users(Context& context, const Actor& actor,
                                     const std::string& domain, std::int64_t after,
                                     std::int64_t limit);
Result<Changed<User>> update_user(Context& context, const Actor& actor, const std::string& key,
                                  const UserInput& input, const WriteOptions& options);
Result<Changed<User>> delete_user(Context& context, const Actor& actor, const std::string& key,
                                  const WriteOptions& options);

struct ImportLine {
  // from 1
  std::int64_t number = 0;
  UserInput user;
};
// Gives the next user to import, nothing at the end, or what is wrong with the line.
using ImportSource = std::function<Result<std::optional<ImportLine>>()>;
// The error of a line, which names it.
Error at_line(Error error, std::int64_t number);
// The hash of the password, when there is one and no hash yet; empty when there is nothing to hash.
Result<std::string> check_and_hash(const UserInput& input);
// All or nothing, one revision. The result is the number of users.
Result<Changed<std::int64_t>> import_users(Context& context, const Actor& actor,
                                           const ImportSource& next, const WriteOptions& options);

// Also used by bootstrap: everything but permission and transaction.
// The domain exists, the address is neither a mailbox nor an alias.
Status check_free(store::Session& session, const User& user);
// Gives the user his id, and puts him and his mailbox in.
void insert_user(Change& change, User& user);
Result<User> build_user(const UserInput& input, WallTime now);
FeedRow mailbox_row(const User& user);

}  // namespace podplay::control
