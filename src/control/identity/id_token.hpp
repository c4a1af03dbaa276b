// The identity token of an outside provider (OpenID Connect Core 1.0 section 2), and whether it is
// one that this server asked for. Pure: what it needs is given to it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/signing_key.hpp"

namespace podplay::control {

// ES256 and RS256 (RFC 7518 section 3.1). Whatever else a token names, "none" and HS256 among them,
// is refused before its signature is looked at.
enum class TokenAlgorithm { es256, rs256 };

// A public key of the provider (RFC 7517).
struct ProviderKey {
  // Empty: it has no name.
  std::string id;
  TokenAlgorithm algorithm = TokenAlgorithm::es256;
  net::PublicNumbers numbers;
};
// The keys of a set that verify signatures of ours; others are left out.
std::vector<ProviderKey> read_provider_keys(const nlohmann::json& set);

// A token taken apart. Nothing of it is verified.
struct IdToken {
  TokenAlgorithm algorithm = TokenAlgorithm::es256;
  // Empty: it names none.
  std::string key_id;
  nlohmann::json claims;
  // The octets that are signed, and the signature.
  std::string signed_text;
  std::string signature;
};
// Fails with "id_token_refused", as check_id_token() does.
Result<IdToken> read_id_token(std::string_view text);

// Whether one of the keys may have signed the token: if not, the provider may have newer ones.
bool has_key_for(const IdToken& token, const std::vector<ProviderKey>& keys);

// What a token must be for.
struct IdTokenRules {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  WallTime now{};
};
// Section 3.1.3.7. An error says which rule was broken.
Status check_id_token(const IdToken& token, const std::vector<ProviderKey>& keys,
                      const IdTokenRules& rules);

// A member that is a text; empty when there is none.
std::string claim_text(const nlohmann::json& claims, std::string_view name);

}  // namespace podplay::control
