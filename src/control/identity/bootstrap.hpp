// The first administrator.
#pragma once

#include <string>

#include "control/identity/users.hpp"

namespace podplay::control {

// Writes the one-time secret to the state volume while there is no administrator.
Status prepare_bootstrap(Context& context);
// Makes the first administrator. Succeeds only while there is none and with the one-time secret;
// adds PODPLAY_DOMAIN too. `asking` is whose request it is; the system makes the change.
Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret,
                                const UserInput& input, const WriteOptions& options);

}  // namespace podplay::control
