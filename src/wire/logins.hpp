// Logins in requests and answers.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogin;
// A second factor: for a login, and for a session that is proven again.
extern const Shape kLoginFactor;
extern const Shape kSessionProof;
extern const Shape kBootstrap;

extern const Shape kCsrf;
extern const Shape kLoginDone;
extern const Shape kLoginFacts;
extern const Shape kLogoutDone;

// What a browser is asked so that a passkey proves its user: PublicKeyCredentialRequestOptions
// (WebAuthn level 3 section 5.5).
struct PasskeyQuestion {
  // Octets. It can be answered once, within `timeout`.
  std::string challenge;
  std::chrono::milliseconds timeout{0};
  // The name that passkeys belong to, such as "control.example.com".
  std::string relying_party;
  // The passkeys that may answer, by their ids in base64url; empty: any.
  std::vector<std::string> allowed;
};

// As PublicKeyCredentialRequestOptionsJSON (section 5.1.10). A passkey must always verify its user.
Json to_json(const PasskeyQuestion& question);

// What a browser is asked so that it makes a passkey: PublicKeyCredentialCreationOptions
// (section 5.4).
struct PasskeyCreation {
  // Octets. It can be answered once, within `timeout`.
  std::string challenge;
  std::chrono::milliseconds timeout{0};
  std::string relying_party;
  // In base64url; the device keeps it with the passkey.
  std::string user_handle;
  // The e-mail address, which the device shows.
  std::string user_name;
  // COSE (RFC 9053), the preferred one first.
  std::vector<int> algorithms;
  // Passkeys that the user has already, by their ids in base64url: their devices make no second
  // one.
  std::vector<std::string> excluded;
};

// As PublicKeyCredentialCreationOptionsJSON (section 5.1.9).
Json to_json(const PasskeyCreation& creation);

}  // namespace podplay::wire
