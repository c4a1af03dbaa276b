// The key that seals secrets of the store (auth/sealing.hpp). It is a file of the state volume, not
// a column: a copy of the database opens nothing.
#pragma once

#include "auth/sealing.hpp"
#include "control/context.hpp"

namespace podplay::control {

// Makes the key when there is none yet.
Result<auth::Seal> open_seal(Context& context);

}  // namespace podplay::control
