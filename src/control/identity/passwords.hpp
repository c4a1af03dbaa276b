// The rule for new passwords, and their hashes.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::control {

// 8 to 1024 bytes without NUL. Adds a fault when the password is something else.
void check_password(const Secret& password, std::vector<Fault>& faults);
// The Argon2id hash of a password that passes the check. Takes about 22 ms: call it before a
// transaction, not while others wait for the store.
Result<std::string> check_and_hash(const Secret& password);

}  // namespace podplay::control
