// An authenticator in software, and the browser before it: makes passkeys and answers as a phone
// does (Web Authentication level 3, sections 5.8.1, 6.1, 6.5). Each part of an answer can be made
// wrong.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "base/encoding.hpp"

namespace podplay::test {

// What an answer says. The defaults are right.
struct Answered {
  std::string type{};
  std::string origin = "https://control.example.test";
  std::string party = "control.example.test";
  bool cross_origin = false;
  // User present, user verified.
  unsigned char flags = 0x05;
  std::uint32_t counter = 1;
};

class SoftAuthenticator {
 public:
  // COSE: -7, -8 or -257.
  explicit SoftAuthenticator(int algorithm = -7) : algorithm_(algorithm), key_(make_key()) {
    credential_ = "credential " + random_token(12);
  }

  const std::string& credential() const { return credential_; }
  // What a passkey keeps as its user, octets.
  void set_user(std::string handle) { user_ = std::move(handle); }

  static std::string client_data(const std::string& challenge, const Answered& answered) {
    const nlohmann::json data{{"type", answered.type},
                              {"challenge", base64url(challenge)},
                              {"origin", answered.origin},
                              {"crossOrigin", answered.cross_origin}};
    return data.dump();
  }

  std::string attestation(Answered answered = {}) const {
    answered.flags |= 0x40;
    std::string data = authenticator_data(answered);
    // An AAGUID that says nothing.
    data += std::string(16, '\0');
    data += big_endian(credential_.size(), 2) + credential_ + cose_key();
    // {"fmt": "none", "attStmt": {}, "authData": data}
    return "\xa3" + text("fmt") + text("none") + text("attStmt") + "\xa0" + text("authData") +
           "\x59" + big_endian(data.size(), 2) + data;
  }

  struct Signed {
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
  };
  Signed sign(const std::string& challenge, Answered answered = {}) const {
    if (answered.type.empty()) {
      answered.type = "webauthn.get";
    }
    Signed result{.client_data = client_data(challenge, answered),
                  .authenticator_data = authenticator_data(answered)};
    result.signature = sign_octets(result.authenticator_data + sha256(result.client_data));
    return result;
  }

  // PublicKeyCredential.toJSON()
  nlohmann::json create(const std::string& challenge, Answered answered = {}) const {
    if (answered.type.empty()) {
      answered.type = "webauthn.create";
    }
    return {{"id", base64url(credential_)},
            {"rawId", base64url(credential_)},
            {"type", "public-key"},
            {"clientExtensionResults", nlohmann::json::object()},
            {"response",
             {{"clientDataJSON", base64url(client_data(challenge, answered))},
              {"attestationObject", base64url(attestation(answered))}}}};
  }
  nlohmann::json get(const std::string& challenge, const Answered& answered = {}) const {
    const Signed made = sign(challenge, answered);
    nlohmann::json response{{"clientDataJSON", base64url(made.client_data)},
                            {"authenticatorData", base64url(made.authenticator_data)},
                            {"signature", base64url(made.signature)}};
    if (!user_.empty()) {
      response["userHandle"] = base64url(user_);
    }
    return {{"id", base64url(credential_)},
            {"rawId", base64url(credential_)},
            {"type", "public-key"},
            {"response", std::move(response)}};
  }

 private:
  static constexpr std::size_t kRsaBits = 2048;
  using Key = std::unique_ptr<::EVP_PKEY, decltype(&::EVP_PKEY_free)>;

  static void must(bool done) {
    if (!done) {
      throw std::runtime_error("OpenSSL refused");
    }
  }

  Key make_key() const {
    ::EVP_PKEY* made = nullptr;
    switch (algorithm_) {
      case -7: made = ::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"); break;
      case -8: made = ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); break;
      default: made = ::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kRsaBits); break;
    }
    must(made != nullptr);
    return {made, &::EVP_PKEY_free};
  }

  static std::string big_endian(std::uint64_t value, int size) {
    std::string octets;
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      octets += static_cast<char>(value >> static_cast<unsigned>(shift));
    }
    return octets;
  }
  // A short text in CBOR.
  static std::string text(const std::string& value) {
    return static_cast<char>(0x60 + value.size()) + value;
  }

  std::string authenticator_data(const Answered& answered) const {
    return sha256(answered.party) + static_cast<char>(answered.flags) +
           big_endian(answered.counter, 4);
  }

  std::string number(const char* name) const {
    ::BIGNUM* value = nullptr;
    must(::EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    std::string octets(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    ::BN_bn2bin(value, reinterpret_cast<unsigned char*>(octets.data()));
    ::BN_free(value);
    return octets;
  }
  // 32 octets.
  std::string coordinate(const char* name) const {
    const std::string octets = number(name);
    return std::string(32 - octets.size(), '\0') + octets;
  }

  // RFC 9053 section 7, in CBOR.
  std::string cose_key() const {
    using namespace std::string_literals;
    if (algorithm_ == -7) {
      return "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"s + coordinate("qx") + "\x22\x58\x20" +
             coordinate("qy");
    }
    if (algorithm_ == -8) {
      std::string point(32, '\0');
      std::size_t size = point.size();
      must(::EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(point.data()),
                                         &size) == 1);
      return "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20"s + point;
    }
    const std::string modulus = number("n");
    return "\xa4\x01\x03\x03\x39\x01\x00\x20\x59"s + big_endian(modulus.size(), 2) + modulus +
           "\x21\x43\x01\x00\x01"s;
  }

  std::string sign_octets(const std::string& octets) const {
    const std::unique_ptr<::EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                              &::EVP_MD_CTX_free);
    const ::EVP_MD* digest = algorithm_ == -8 ? nullptr : ::EVP_sha256();
    must(::EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
    const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
    std::size_t size = 0;
    must(::EVP_DigestSign(context.get(), nullptr, &size, data, octets.size()) == 1);
    std::string signature(size, '\0');
    must(::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                          data, octets.size()) == 1);
    signature.resize(size);
    return signature;
  }

  int algorithm_;
  Key key_;
  std::string credential_;
  std::string user_;
};

}  // namespace podplay::test
