// The order of the checks is that of the standard. An error says which one failed; nothing in it is
// secret, since whoever holds the device sees it all.
#include "auth/webauthn.hpp"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "auth/cbor.hpp"
#include "base/encoding.hpp"

namespace podplay::auth {
namespace {

// Far more than any browser sends.
constexpr std::size_t kLongestClientData = 4096;
constexpr std::size_t kLongestAttestation = 16384;
constexpr std::size_t kLongestCredential = 1023;
// Of authenticator data (section 6.1).
constexpr std::size_t kNameHash = 32;
constexpr std::size_t kShortestData = 37;
constexpr std::size_t kFlagsAt = 32;
constexpr std::size_t kAaguid = 16;
constexpr unsigned kUserPresent = 0x01;
constexpr unsigned kUserVerified = 0x04;
constexpr unsigned kMayBeCopied = 0x08;
constexpr unsigned kIsCopied = 0x10;
constexpr unsigned kHasCredential = 0x40;

template <class T, void (*kFree)(T**)>
struct FreeFido {
  void operator()(T* made) const { kFree(&made); }
};
using Credential = std::unique_ptr<::fido_cred_t, FreeFido<::fido_cred_t, ::fido_cred_free>>;
using Asserted = std::unique_ptr<::fido_assert_t, FreeFido<::fido_assert_t, ::fido_assert_free>>;
using Es256 = std::unique_ptr<::es256_pk_t, FreeFido<::es256_pk_t, ::es256_pk_free>>;
using Eddsa = std::unique_ptr<::eddsa_pk_t, FreeFido<::eddsa_pk_t, ::eddsa_pk_free>>;
using Rs256 = std::unique_ptr<::rs256_pk_t, FreeFido<::rs256_pk_t, ::rs256_pk_free>>;

void start_fido() {
  static const bool started = (::fido_init(0), true);
  static_cast<void>(started);
}

const unsigned char* unsigned_octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
std::string text_of(const unsigned char* data, std::size_t size) {
  return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorKind::invalid, "bad_passkey", std::move(message),
              "try again, in the page of this server and with a current browser");
}

Status check_client_data(const RelyingParty& party, std::string_view challenge,
                         std::string_view type, std::string_view json) {
  TRY(const auto data, read_client_data(json));
  if (data.type != type) {
    return refuse(fmt::format("the browser's answer is of the type '{}' instead of '{}'",
                              data.type.substr(0, 40), type));
  }
  if (!equal_constant_time(data.challenge, challenge)) {
    return refuse("the browser answered another question than the one that was asked");
  }
  if (std::ranges::find(party.origins, data.origin) == party.origins.end()) {
    return refuse(fmt::format("the answer comes from the page {} instead of {}",
                              data.origin.substr(0, 100), party.origins.front()));
  }
  if (data.cross_origin) {
    return refuse("the answer comes from a frame in another server's page");
  }
  return {};
}

// Whose name the authenticator saw, and what the person did.
Status check_authenticator_data(const RelyingParty& party, std::string_view data) {
  if (data.size() < kShortestData) {
    return refuse("the authenticator's data is too short");
  }
  if (!equal_constant_time(data.substr(0, kNameHash), sha256(party.id))) {
    return refuse(fmt::format("the passkey is not one of {}", party.id));
  }
  const auto flags = static_cast<unsigned char>(data[kFlagsAt]);
  if ((flags & kUserPresent) == 0 || (flags & kUserVerified) == 0) {
    return refuse("the authenticator did not verify the person by PIN, finger or face");
  }
  // Section 6.1.3: what may not be copied is not copied.
  if ((flags & kIsCopied) != 0 && (flags & kMayBeCopied) == 0) {
    return refuse("the authenticator contradicts itself about copies of the passkey");
  }
  // Key and extensions, behind the new credential's AAGUID and id (section 6.5.1).
  std::size_t at = kShortestData;
  if ((flags & kHasCredential) != 0) {
    at += kAaguid + 2;
    if (data.size() < at) {
      return refuse("the authenticator's data end early");
    }
    at += static_cast<std::size_t>(static_cast<unsigned char>(data[at - 2])) << 8U |
          static_cast<unsigned char>(data[at - 1]);
  }
  if (data.size() < at || !is_cbor(data.substr(at))) {
    return refuse("the authenticator's data are damaged");
  }
  return {};
}

bool has_flag(std::string_view data, unsigned flag) {
  return (static_cast<unsigned char>(data[kFlagsAt]) & flag) != 0;
}

// libfido2 reads key, id and counter out of the authenticator's data, when it expects the algorithm
// that is used. Nothing when this is not it.
std::optional<Passkey> read_credential(std::string_view data, int algorithm) {
  const Credential credential(::fido_cred_new());
  if (!credential || ::fido_cred_set_type(credential.get(), algorithm) != FIDO_OK ||
      ::fido_cred_set_authdata_raw(credential.get(), unsigned_octets(data), data.size()) !=
          FIDO_OK) {
    return std::nullopt;
  }
  const ::fido_cred_t* made = credential.get();
  return Passkey{
      .credential = text_of(::fido_cred_id_ptr(made), ::fido_cred_id_len(made)),
      .algorithm = algorithm,
      .public_key = text_of(::fido_cred_pubkey_ptr(made), ::fido_cred_pubkey_len(made)),
      .counter = ::fido_cred_sigcount(made),
      .may_be_copied = has_flag(data, kMayBeCopied),
      .is_copied = has_flag(data, kIsCopied),
      .product = hex(text_of(::fido_cred_aaguid_ptr(made), ::fido_cred_aaguid_len(made)))};
}

int verify_es256(const ::fido_assert_t* asserted, const std::string& key) {
  const Es256 made(::es256_pk_new());
  if (!made || ::es256_pk_from_ptr(made.get(), key.data(), key.size()) != FIDO_OK) {
    return FIDO_ERR_INVALID_ARGUMENT;
  }
  return ::fido_assert_verify(asserted, 0, COSE_ES256, made.get());
}
int verify_eddsa(const ::fido_assert_t* asserted, const std::string& key) {
  const Eddsa made(::eddsa_pk_new());
  if (!made || ::eddsa_pk_from_ptr(made.get(), key.data(), key.size()) != FIDO_OK) {
    return FIDO_ERR_INVALID_ARGUMENT;
  }
  return ::fido_assert_verify(asserted, 0, COSE_EDDSA, made.get());
}
int verify_rs256(const ::fido_assert_t* asserted, const std::string& key) {
  const Rs256 made(::rs256_pk_new());
  if (!made || ::rs256_pk_from_ptr(made.get(), key.data(), key.size()) != FIDO_OK) {
    return FIDO_ERR_INVALID_ARGUMENT;
  }
  return ::fido_assert_verify(asserted, 0, COSE_RS256, made.get());
}

int verify_signature(const ::fido_assert_t* asserted, const Passkey& passkey) {
  switch (passkey.algorithm) {
    case COSE_ES256: return verify_es256(asserted, passkey.public_key);
    case COSE_EDDSA: return verify_eddsa(asserted, passkey.public_key);
    case COSE_RS256: return verify_rs256(asserted, passkey.public_key);
    default: return FIDO_ERR_UNSUPPORTED_ALGORITHM;
  }
}

}  // namespace

Result<ClientData> read_client_data(std::string_view json) {
  if (json.size() > kLongestClientData) {
    return refuse("the browser's data is too long");
  }
  const auto value = nlohmann::json::parse(json, nullptr, false);
  const auto text = [&](const char* name) {
    const auto member = value.find(name);
    return member != value.end() && member->is_string() ? member->get<std::string>()
                                                        : std::string();
  };
  if (!value.is_object()) {
    return refuse("the browser's data is no JSON object");
  }
  // Web Authentication section 5.8.1: all three are always there.
  const std::string type = text("type");
  const std::string origin = text("origin");
  if (type.empty() || origin.empty()) {
    return refuse("the browser's data has no type or no origin");
  }
  const auto challenge = from_base64url(text("challenge"));
  if (!challenge || challenge->empty()) {
    return refuse("the browser's data has no challenge");
  }
  const auto cross = value.find("crossOrigin");
  // With a top origin it was a frame as well (section 5.8.1).
  const bool framed = value.contains("topOrigin");
  return ClientData{.type = type,
                    .challenge = *challenge,
                    .origin = origin,
                    .cross_origin = framed || (cross != value.end() && *cross != false)};
}

Result<Passkey> check_registration(const RelyingParty& party, std::string_view challenge,
                                   const Registration& registration) {
  start_fido();
  TRY(check_client_data(party, challenge, "webauthn.create", registration.client_data));
  if (registration.attestation_object.size() > kLongestAttestation) {
    return refuse("the attestation is too long");
  }
  const auto data = cbor_octets_of(registration.attestation_object, "authData");
  if (!data) {
    return refuse("the attestation has no authenticator data");
  }
  TRY(check_authenticator_data(party, *data));
  for (const int algorithm : kPasskeyAlgorithms) {
    auto passkey = read_credential(*data, algorithm);
    if (!passkey) {
      continue;
    }
    if (passkey->credential.empty() || passkey->credential.size() > kLongestCredential ||
        passkey->public_key.empty()) {
      return refuse("the passkey's id or key is empty or too long");
    }
    return std::move(*passkey);
  }
  return refuse("the passkey's algorithm is none of ES256, EdDSA and RS256");
}

Result<PasskeyUse> check_assertion(const RelyingParty& party, std::string_view challenge,
                                   const Passkey& passkey, const Assertion& assertion) {
  start_fido();
  TRY(check_client_data(party, challenge, "webauthn.get", assertion.client_data));
  const std::string& data = assertion.authenticator_data;
  TRY(check_authenticator_data(party, data));
  const Asserted made(::fido_assert_new());
  const bool filled =
      made &&
      ::fido_assert_set_clientdata(made.get(), unsigned_octets(assertion.client_data),
                                   assertion.client_data.size()) == FIDO_OK &&
      ::fido_assert_set_rp(made.get(), party.id.c_str()) == FIDO_OK &&
      ::fido_assert_set_count(made.get(), 1) == FIDO_OK &&
      ::fido_assert_set_up(made.get(), FIDO_OPT_TRUE) == FIDO_OK &&
      ::fido_assert_set_uv(made.get(), FIDO_OPT_TRUE) == FIDO_OK &&
      ::fido_assert_set_authdata_raw(made.get(), 0, unsigned_octets(data), data.size()) ==
          FIDO_OK &&
      ::fido_assert_set_sig(made.get(), 0, unsigned_octets(assertion.signature),
                            assertion.signature.size()) == FIDO_OK;
  if (!filled || verify_signature(made.get(), passkey) != FIDO_OK) {
    return refuse("the passkey's signature is wrong");
  }
  const std::uint32_t counter = ::fido_assert_sigcount(made.get(), 0);
  return PasskeyUse{
      .counter = counter,
      .is_copied = has_flag(data, kIsCopied),
      .went_back = (counter != 0 || passkey.counter != 0) && counter <= passkey.counter};
}

}  // namespace podplay::auth
