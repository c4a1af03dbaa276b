// Passkeys (Web Authentication level 3, W3C): what a browser sends back is checked here.
//
// libfido2 reads keys and verifies signatures. It never looks into the client's data, so challenge,
// origin and type are checked here; and it verifies nothing of a registration without attestation,
// which is the kind that we ask for, so the hash of our name and the flags are checked here, too.
// Every string is raw octets, unless it is said to be text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay::auth {

// Who asks: this server.
struct RelyingParty {
  // The name that passkeys belong to, such as "control.example.com". With another one they are
  // lost.
  std::string id;
  // The pages that may use them, such as "https://control.example.com:8443".
  std::vector<std::string> origins;
};

// COSE algorithms (RFC 9053) that we ask for, the best first: ES256, EdDSA, RS256.
inline constexpr int kPasskeyAlgorithms[] = {-7, -8, -257};

// A public key and what is remembered with it.
struct Passkey {
  // At most 1023 octets.
  std::string credential;
  // COSE, one of kPasskeyAlgorithms.
  int algorithm = 0;
  // As libfido2 takes it: x and y, modulus and exponent, or the 32 octets of Ed25519.
  std::string public_key;
  // 0: this authenticator does not count.
  std::uint32_t counter = 0;
  // It may be copied to other devices, as passkeys of phones are; and it has been.
  bool may_be_copied = false;
  bool is_copied = false;
  // Which product it is (AAGUID), in hex; zeros: it does not say.
  std::string product;

  bool operator==(const Passkey&) const = default;
};

// What the browser says about a request (section 5.8.1).
struct ClientData {
  std::string type;
  std::string challenge;
  std::string origin;
  bool cross_origin = false;
};
// `json` is text. It is not checked against anything yet: by its challenge the caller finds out
// what was asked.
Result<ClientData> read_client_data(std::string_view json);

// A new passkey (section 7.1). `challenge` is what was asked.
struct Registration {
  // JSON text, exactly as the browser sent it.
  std::string client_data;
  std::string attestation_object;
};
Result<Passkey> check_registration(const RelyingParty& party, std::string_view challenge,
                                   const Registration& registration);

// A login with a passkey (section 7.2).
struct Assertion {
  std::string client_data;
  std::string authenticator_data;
  std::string signature;
};
struct PasskeyUse {
  std::uint32_t counter = 0;
  bool is_copied = false;
  // The counter went back: somebody may have made a copy. It is no reason to refuse the login,
  // since copied passkeys do this, too.
  bool went_back = false;
};
Result<PasskeyUse> check_assertion(const RelyingParty& party, std::string_view challenge,
                                   const Passkey& passkey, const Assertion& assertion);

}  // namespace podplay::auth
