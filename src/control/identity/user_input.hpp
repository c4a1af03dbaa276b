// The fields of a user in a request, and the user that is made from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/secret.hpp"
#include "control/identity/passwords.hpp"
#include "model/user.hpp"

namespace podplay::control {

// A field that is absent has its default when a user is created, and stays as it is in an update.
struct UserInput {
  // Only when creating.
  std::string email;
  // control/identity/passwords has the rules.
  std::optional<Secret> password;
  // Needed by a person who changes the own password.
  std::optional<Secret> current_password;
  // Argon2id. Only in imports, instead of a password.
  std::optional<std::string> password_hash;
  std::optional<std::string> username;
  std::optional<std::string> role;
  // Of a domain administrator; absent: those that the user has, or the own one.
  std::optional<std::vector<std::string>> domains;
  std::optional<bool> enabled;
  // Bytes; 0: unlimited.
  std::optional<std::int64_t> quota;
  std::optional<std::vector<std::string>> services;
};

// Changes `user` as the input says, except address and password. A domain administrator without
// domains gets the own one. Adds a fault for each wrong value.
void apply_input(const UserInput& input, User& user, std::vector<Fault>& faults);
// Makes the user of a complete input, or returns all faults at once. Id and revision come with the
// transaction. Hashes the password, which takes about 22 ms, unless the input has a hash.
Result<User> build_user(const UserInput& input, PasswordChoice choice, WallTime now,
                        const HashCost& cost = {});

}  // namespace podplay::control
