// OpenSSL writes an ECDSA signature as DER (RFC 3279 section 2.2.3); JOSE wants both numbers one
// after the other, at their full length.
#include "net/signing_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>

#include "net/openssl.hpp"

namespace podplay::net {
namespace {

using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

constexpr int kCoordinate = 32;
constexpr int kFewestKeyBits = 2048;
// A verification takes longer with each bit.
constexpr int kMostRsaBits = 8192;

bool is_p256(EVP_PKEY* key) {
  char name[64] = "";
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, name, sizeof name, nullptr) == 1 &&
         OBJ_sn2nid(name) == NID_X9_62_prime256v1;
}

// A number of the public key; at least `size` octets, filled up with zeros.
Result<std::string> number_of(EVP_PKEY* key, const char* name, int size) {
  BIGNUM* read = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &read) != 1) {
    return openssl_error("read the public key");
  }
  const Number number(read);
  std::string octets(static_cast<std::size_t>(std::max(size, BN_num_bytes(read))), '\0');
  BN_bn2binpad(read, reinterpret_cast<unsigned char*>(octets.data()),
               static_cast<int>(octets.size()));
  return octets;
}

Result<std::string> both_numbers(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(std::size_t{2} * kCoordinate, '\0');
  auto* into = reinterpret_cast<unsigned char*>(raw.data());
  if (!signature ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), into, kCoordinate) != kCoordinate ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), into + kCoordinate, kCoordinate) !=
          kCoordinate) {
    return openssl_error("read the signature");
  }
  return raw;
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_from(std::string_view text) {
  return Number(BN_bin2bn(octets(text), static_cast<int>(text.size()), nullptr));
}

// Of a signature as JOSE writes it; nothing when it has another length.
std::optional<std::string> der_of(std::string_view raw) {
  const std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>> signature(ECDSA_SIG_new());
  if (raw.size() != std::size_t{2} * kCoordinate || !signature) {
    return std::nullopt;
  }
  // The signature owns both numbers from here on.
  if (ECDSA_SIG_set0(signature.get(), number_from(raw.substr(0, kCoordinate)).release(),
                     number_from(raw.substr(kCoordinate)).release()) != 1) {
    return std::nullopt;
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) {
    return std::nullopt;
  }
  std::string made(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return made;
}

bool fill_parameters(OSSL_PARAM_BLD* builder, const PublicNumbers& numbers, std::string& point,
                     std::array<Number, 2>& kept) {
  if (!numbers.rsa()) {
    // SEC 1 section 2.3.3: not compressed.
    point = "\x04" + numbers.x + numbers.y;
    return OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size()) == 1;
  }
  kept = {number_from(numbers.modulus), number_from(numbers.exponent)};
  return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, kept[0].get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, kept[1].get()) == 1;
}

// Null unless it is a point of the curve, or an RSA key of a length that is allowed.
Key public_key(const PublicNumbers& numbers) {
  if (!numbers.rsa() && (numbers.x.size() != kCoordinate || numbers.y.size() != kCoordinate)) {
    return nullptr;
  }
  std::string point;
  std::array<Number, 2> kept;
  const std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  if (!builder || !fill_parameters(builder.get(), numbers, point, kept)) {
    return nullptr;
  }
  const std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, numbers.rsa() ? "RSA" : "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  Key key(made);
  const int bits = EVP_PKEY_get_bits(key.get());
  const bool allowed = !numbers.rsa() || (bits >= kFewestKeyBits && bits <= kMostRsaBits);
  return allowed ? std::move(key) : nullptr;
}

}  // namespace

Result<Secret> make_private_key(KeyKind kind) {
  const Key key(kind == KeyKind::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  if (!key) {
    return openssl_error("make a private key");
  }
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_error("write the key");
  }
  return Secret(text_of(bio.get()));
}

Result<PublicNumbers> public_numbers(const Secret& pem) {
  TRY(const auto key, parse_key(pem));
  if (is_p256(key.get())) {
    TRY(auto x, number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, kCoordinate));
    TRY(auto y, number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinate));
    return PublicNumbers{.x = std::move(x), .y = std::move(y)};
  }
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA &&
      EVP_PKEY_get_bits(key.get()) >= kFewestKeyBits) {
    TRY(auto modulus, number_of(key.get(), OSSL_PKEY_PARAM_RSA_N, 0));
    TRY(auto exponent, number_of(key.get(), OSSL_PKEY_PARAM_RSA_E, 0));
    return PublicNumbers{.modulus = std::move(modulus), .exponent = std::move(exponent)};
  }
  return fail(ErrorKind::invalid, "key_kind",
              "the key is neither ECDSA P-256 nor RSA with 2048 bits or more",
              "use an ECDSA P-256 key");
}

Result<std::string> public_key_pem(const Secret& pem) {
  TRY(const auto key, parse_key(pem));
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) {
    return openssl_error("write the public key");
  }
  return text_of(bio.get());
}

Result<std::string> sign(const Secret& pem, std::string_view text) {
  TRY(const auto key, parse_key(pem));
  const DigestContext context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) != 1) {
    return openssl_error("sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     text.size()) != 1) {
    return openssl_error("sign");
  }
  signature.resize(size);
  return is_p256(key.get()) ? both_numbers(signature) : signature;
}

bool verify(const PublicNumbers& numbers, std::string_view text, std::string_view signature) {
  const auto key = public_key(numbers);
  if (!key) {
    return false;
  }
  std::string made(signature);
  if (!numbers.rsa()) {
    auto der = der_of(signature);
    if (!der) {
      return false;
    }
    made = std::move(*der);
  }
  const DigestContext context(EVP_MD_CTX_new());
  const bool right =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(made), made.size(), octets(text), text.size()) == 1;
  ERR_clear_error();
  return right;
}

}  // namespace podplay::net
