// The questions that passkeys and outside logins answer. A challenge says itself what it is for and
// until when it can be answered, and only this program can make one; so asking writes nothing into
// the store, however often strangers ask. Each is answered once.
#pragma once

#include <string>
#include <string_view>

#include "auth/webauthn.hpp"
#include "control/context.hpp"

namespace podplay::control {

inline constexpr std::chrono::minutes kChallengeLifetime{5};

// Octets. `purpose` says what an answer may do, such as "login".
Result<std::string> make_challenge(Context& context, std::string_view purpose,
                                   std::chrono::seconds lifetime = kChallengeLifetime);
// Fails when the challenge is not one of ours, is for something else, or has expired.
Status check_challenge(Context& context, std::string_view challenge, std::string_view purpose);
// Inside the transaction that does what the answer permits: fails for the second answer.
Status use_challenge(store::Transaction& transaction, std::string_view challenge, WallTime now);

// This server, as passkeys know it: the control host's name, and the pages below it.
auth::RelyingParty relying_party(const Settings& settings);

}  // namespace podplay::control
