// Many users at once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "control/identity/users.hpp"

namespace podplay::control {

struct ImportLine {
  // From 1.
  std::int64_t number = 0;
  UserInput user;
  // Addresses of aliases that will lead to the user.
  std::vector<std::string> aliases{};
};
// Gives the next user to import, nothing at the end, or what is wrong with the line.
using ImportSource = std::function<Result<std::optional<ImportLine>>()>;

// All or nothing, one revision. The result is the number of users.
Result<Changed<std::int64_t>> import_users(Context& context, const Actor& actor,
                                           const ImportSource& next, const WriteOptions& options);

// One user of an import with the aliases, as a change of its own.
Result<Changed<User>> import_user(Context& context, const Actor& actor, const ImportLine& line,
                                  const WriteOptions& options);

}  // namespace podplay::control
