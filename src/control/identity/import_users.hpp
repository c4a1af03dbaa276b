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
};
// Gives the next user to import, nothing at the end, or what is wrong with the line.
using ImportSource = std::function<Result<std::optional<ImportLine>>()>;

// All or nothing, one revision. The result is the number of users.
Result<Changed<std::int64_t>> import_users(Context& context, const Actor& actor,
                                           const ImportSource& next, const WriteOptions& options);

}  // namespace podplay::control
