// The first administrator, who is made once with a secret from the state volume.
#pragma once

#include <string>

#include "control/identity/users.hpp"

namespace podplay::control {

// Writes the one-time secret to the state volume while there is no administrator.
Status prepare_bootstrap(Context& context);
// Makes the first administrator, and adds PODPLAY_DOMAIN. Succeeds only with the one-time secret,
// and only while there is no administrator. `asking` sent the request; the system makes the change.
Result<Changed<User>> bootstrap(Context& context, const Actor& asking, const std::string& secret,
                                const UserInput& input, const WriteOptions& options);

}  // namespace podplay::control
