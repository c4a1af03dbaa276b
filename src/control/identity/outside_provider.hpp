// The outside provider, whose client this server is: what it says about itself (OpenID Connect
// Discovery 1.0), its keys, and its answers to a code. Everything is asked over TLS that is
// verified, with deadlines, and only a few requests at once: a provider that hangs must not hold
// the threads of the API.
#pragma once

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "control/identity/id_token.hpp"
#include "net/http.hpp"

namespace podplay::control {

// Of the settings.
struct ProviderAccess {
  // As the provider writes it, to the letter.
  std::string issuer;
  std::string client_id;
  // Empty: a public client.
  Secret client_secret;
  // The CA of the provider's server, in PEM; empty: the system's.
  std::string ca;
};

// What the provider says about itself.
struct ProviderFacts {
  std::string authorization_endpoint;
  std::string token_endpoint;
  // Empty: it has none.
  std::string userinfo_endpoint;
  std::string jwks_uri;
  // How the secret is shown: in the body, or in the header (RFC 6749 section 2.3.1).
  bool secret_in_body = false;
  // Its answers name it (RFC 9207).
  bool answers_name_issuer = false;
};

// What a code brought.
struct ProviderTokens {
  std::string id_token;
  Secret access_token;
};

struct CodeRedemption {
  std::string code;
  std::string redirect_uri;
  std::string verifier;
};

// Any thread may call it. Fails with "outside_unavailable" when the provider does not answer as the
// standards say.
class OutsideProvider {
 public:
  explicit OutsideProvider(Clock& clock) : clock_(clock) {}

  // Kept for an hour; a failure for some seconds.
  Result<ProviderFacts> facts(const ProviderAccess& access);
  // Kept for an hour. `token` is one that must be verified: when no key fits, they are asked for
  // again, at most once a minute.
  Result<std::vector<ProviderKey>> keys_for(const ProviderAccess& access, const IdToken& token);
  // Fails with "outside_refused" when the provider does not take the code.
  Result<ProviderTokens> redeem(const ProviderAccess& access, const CodeRedemption& redemption);
  // What it says of the person beside the identity token (OpenID Connect Core section 5.3).
  Result<nlohmann::json> user_info(const ProviderAccess& access, const Secret& token);

 private:
  Result<net::HttpResponse> send(const ProviderAccess& access, const std::string& url,
                                 net::HttpRequest request);
  // A JSON object.
  Result<nlohmann::json> read(const ProviderAccess& access, const std::string& url,
                              net::HttpRequest request);
  Result<ProviderFacts> ask_for_facts(const ProviderAccess& access);

  // Constant after construction.
  Clock& clock_;

  std::atomic<int> asking_{0};
  std::mutex mutex_;
  // Guarded by mutex_. Of which provider the rest is.
  std::string issuer_;
  std::optional<ProviderFacts> facts_;
  SteadyTime facts_until_{};
  std::optional<Error> failure_;
  SteadyTime failed_until_{};
  std::vector<ProviderKey> keys_;
  SteadyTime keys_until_{};
  SteadyTime keys_again_{};
};

}  // namespace podplay::control
