// JSON Web Signatures as ACME uses them (RFC 7515, RFC 8555 section 6.2): flattened JSON, signed
// with an account's key, or with the secret of an external account. Keys are PEM texts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::acme {

using Json = nlohmann::json;

// The public key as a JSON Web Key (RFC 7517), with the required members only.
Result<Json> public_jwk(const Secret& key);
// What names a public key (RFC 7638): base64url of SHA-256.
std::string thumbprint_of(const Json& jwk);
Result<std::string> thumbprint(const Secret& key);

// Signs `payload` as it stands: an empty text is that of POST-as-GET (RFC 8555 section 6.3). "alg"
// is added to the header: ES256 for ECDSA P-256, RS256 for RSA.
Result<std::string> sign_jws(const Secret& key, Json header, const std::string& payload);
// The same with HS256; `secret` in octets.
std::string sign_jws_hmac(const Secret& secret, Json header, const std::string& payload);

}  // namespace podplay::acme
