// Hashes of passwords that are worth less than a new one: of another system, or made when hashing
// cost less.
#pragma once

#include "base/encoding.hpp"
#include "control/context.hpp"
#include "model/user.hpp"

namespace podplay::control {

// PODPLAY_PASSWORD_MEMORY and PODPLAY_PASSWORD_PASSES.
HashCost hash_cost(const Settings& settings);
// After `password` was found to be right: replaces the hash if it is of another system or costs
// less than hash_cost(). Usually there is nothing to do. A failure is only logged.
void replace_outdated_hash(Context& context, const User& user, const Secret& password);

}  // namespace podplay::control
