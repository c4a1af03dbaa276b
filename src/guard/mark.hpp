// A mark tells two passwords of an account apart without telling what they are: 12 bits of a keyed
// hash, so that 4095 of 4096 wrong passwords have another mark than the right one. The same wrong
// password again is a forgotten client, not a guess.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace podplay::guard {

// As Dovecot makes it (auth_policy_hash_nonce, 12 bits of SHA-256): four hex digits. Empty when the
// nonce is. `account` is in lower case.
std::string password_mark(const Secret& nonce, std::string_view account, const Secret& password);

}  // namespace podplay::guard
