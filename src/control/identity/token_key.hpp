// The key that signs tokens for other programs (ES256, RFC 7518), and what they need to know of it.
// Mail's agent has its public half in the snapshot, so Dovecot verifies tokens by itself.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "model/snapshot.hpp"

namespace podplay::control {

// "https://control.example.com:8443/api/openid": who has signed.
std::string token_issuer(const Settings& settings);

// Makes the key when there is none, and a revision by which mail learns it. Call it at the start,
// when the feed is open.
Status prepare_token_key(Context& context);
// What a snapshot of mail has. Only reads; nothing when there is no key yet.
std::vector<TokenKey> token_keys(const Context& context);
// A JSON Web Key Set (RFC 7517 section 5); empty when there is no key yet.
Result<nlohmann::json> token_key_set(const Context& context);
// The compact form of a signed token (RFC 7515 section 7.1).
Result<std::string> sign_token(const Context& context, std::string_view type,
                               const nlohmann::json& claims);

}  // namespace podplay::control
