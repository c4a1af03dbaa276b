// The OpenID provider (OpenID Connect Core 1.0): a program such as a webmail sends the person here,
// gets a code (RFC 6749 section 4.1, always with PKCE, RFC 7636), and fetches two tokens for it:
// who the person is, and one with which the person's mail program logs in (RFC 7628).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "model/openid.hpp"

namespace podplay::control {

inline constexpr std::chrono::minutes kTokenLifetime{10};
inline constexpr std::chrono::seconds kCodeLifetime{60};

struct OpenidClientInput {
  std::string id;
  std::string name;
  std::vector<std::string> redirect_uris;
  // It runs on a server, and can keep a secret.
  bool confidential = false;
};
struct OpenidClientAdded {
  OpenidClient client;
  // Shown once; empty: it is a public client.
  Secret secret;
};

// Clients: for administrators, as the routes say.
Result<Changed<OpenidClientAdded>> create_openid_client(Context& context, const Actor& actor,
                                                        const OpenidClientInput& input,
                                                        const WriteOptions& options);
Result<std::vector<OpenidClient>> list_openid_clients(Context& context);
Result<Changed<OpenidClient>> delete_openid_client(Context& context, const Actor& actor,
                                                   const std::string& id,
                                                   const WriteOptions& options);

// What a client asks of the person, as the parameters of the authorization request have it.
struct OpenidRequest {
  std::string client_id;
  std::string redirect_uri;
  std::string response_type;
  std::string scope;
  std::string state;
  std::string nonce;
  std::string code_challenge;
  std::string code_challenge_method;
};
// The actor lets the client in: where the browser goes next, with the code. Fails with
// "invalid_client", "invalid_request" or "invalid_scope" when the request is wrong, and with
// "factor_needed" when the person has a second factor that this login was not proven by.
Result<std::string> authorize_openid(Context& context, const Actor& actor,
                                     const OpenidRequest& request);

struct OpenidRedemption {
  std::string grant_type;
  std::string code;
  std::string redirect_uri;
  std::string client_id;
  Secret client_secret;
  std::string code_verifier;
};
struct OpenidTokens {
  // Audience "mail" when the scope has mail.
  std::string access_token;
  std::string id_token;
  std::string scope;
};
// Fails with the codes of RFC 6749 section 5.2. A code that was taken once is worth nothing.
Result<OpenidTokens> redeem_openid(Context& context, const Actor& asking,
                                   const OpenidRedemption& redemption);

// OpenID Connect Discovery 1.0 section 3.
nlohmann::json openid_configuration(const Settings& settings);

}  // namespace podplay::control
