// Signatures and keys against the examples of the RFCs. An ECDSA signature differs each time, so it
// is verified with the example's public key.
#include "acme/jws.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "acme/rfc_keys.hpp"
#include "base/encoding.hpp"
#include "net/signing_key.hpp"

namespace podplay::acme {
namespace {

const std::string kClaims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

bool verifies(const char* pem, const std::string& input, const std::string& raw) {
  BIO* bio = BIO_new_mem_buf(pem, -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  const auto* octets = reinterpret_cast<const unsigned char*>(raw.data());
  ECDSA_SIG* both = ECDSA_SIG_new();
  ECDSA_SIG_set0(both, BN_bin2bn(octets, 32, nullptr), BN_bin2bn(octets + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both, &der);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
  const int verified =
      EVP_DigestVerify(context, der, static_cast<std::size_t>(size),
                       reinterpret_cast<const unsigned char*>(input.data()), input.size());
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ECDSA_SIG_free(both);
  EVP_PKEY_free(key);
  return raw.size() == 64 && verified == 1;
}

TEST(Jws, Es256AsInRfc7515A3) {
  const std::string input = "eyJhbGciOiJFUzI1NiJ9." + kClaims;
  const auto example = from_base64url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP"
      "3-Kg6NU1Q");
  ASSERT_TRUE(verifies(test::kRfcEcKey, input, *example)) << "the check itself";
  const Secret key(test::kRfcEcKey);
  // Many, because r or s has a leading zero once in 128 times.
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(verifies(test::kRfcEcKey, input, net::sign(key, input).value()));
  }
  const auto jws = Json::parse(sign_jws(key, {{"url", "https://ca.test/"}}, "{}").value());
  EXPECT_EQ(from_base64url(jws["protected"].get<std::string>()).value(),
            R"({"alg":"ES256","url":"https://ca.test/"})");
  EXPECT_EQ(jws["payload"], "e30");
  EXPECT_TRUE(
      verifies(test::kRfcEcKey,
               jws["protected"].get<std::string>() + "." + jws["payload"].get<std::string>(),
               from_base64url(jws["signature"].get<std::string>()).value()));
  EXPECT_EQ(Json::parse(sign_jws(key, Json::object(), "").value())["payload"], "")
      << "POST-as-GET has an empty payload";
}

TEST(Jws, ASignatureIsVerifiedByThePublicNumbersAlone) {
  const std::string input = "eyJhbGciOiJFUzI1NiJ9." + kClaims;
  const auto ec = net::public_numbers(Secret(test::kRfcEcKey)).value();
  const auto rsa = net::public_numbers(Secret(test::kRfcRsaKey)).value();
  const std::string example =
      from_base64url(
          "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP"
          "3-Kg6NU1Q")
          .value();
  EXPECT_TRUE(net::verify(ec, input, example));
  EXPECT_FALSE(net::verify(ec, input + "x", example));
  EXPECT_FALSE(net::verify(ec, input, example + "x"));
  EXPECT_FALSE(net::verify(ec, input, example.substr(1)));
  EXPECT_FALSE(net::verify(ec, input, ""));
  EXPECT_FALSE(net::verify(ec, input, std::string(64, '\0')));
  EXPECT_FALSE(net::verify(rsa, input, example));
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(net::verify(ec, input, net::sign(Secret(test::kRfcEcKey), input).value()));
  }
  std::string signature = net::sign(Secret(test::kRfcRsaKey), input).value();
  EXPECT_TRUE(net::verify(rsa, input, signature));
  EXPECT_FALSE(net::verify(ec, input, signature));
  signature.back() = static_cast<char>(signature.back() ^ 1);
  EXPECT_FALSE(net::verify(rsa, input, signature));
  // Numbers that are no keys.
  EXPECT_FALSE(net::verify({.x = std::string(32, 'x'), .y = std::string(32, 'y')}, input, example));
  EXPECT_FALSE(net::verify({.x = ec.x, .y = ec.y.substr(1)}, input, example));
  EXPECT_FALSE(net::verify({}, input, example));
  EXPECT_FALSE(net::verify({.modulus = rsa.modulus.substr(0, 128), .exponent = rsa.exponent}, input,
                           signature));
  EXPECT_FALSE(
      net::verify({.modulus = std::string(2000, 'n'), .exponent = rsa.exponent}, input, signature));
}

TEST(Jws, Rs256AsInRfc7515A2) {
  const auto signature = net::sign(Secret(test::kRfcRsaKey), "eyJhbGciOiJSUzI1NiJ9." + kClaims);
  EXPECT_EQ(base64url(signature.value()),
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
            "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIA"
            "RNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPq"
            "vhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77"
            "Rw");
  const auto jws = Json::parse(sign_jws(Secret(test::kRfcRsaKey), Json::object(), "{}").value());
  EXPECT_EQ(from_base64url(jws["protected"].get<std::string>()).value(), R"({"alg":"RS256"})");
}

TEST(Jws, Hs256AsInRfc7515A1) {
  const Secret key(
      from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAz"
                     "Zr1Z9CAow")
          .value());
  const std::string input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kClaims;
  EXPECT_EQ(base64url(hmac_sha256(key, input)), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  const auto jws = Json::parse(sign_jws_hmac(key, {{"kid", "k"}}, "x"));
  EXPECT_EQ(from_base64url(jws["protected"].get<std::string>()).value(),
            R"({"alg":"HS256","kid":"k"})");
  EXPECT_EQ(jws["signature"],
            base64url(hmac_sha256(key, jws["protected"].get<std::string>() + "." + "eA")));
}

TEST(Jws, PublicKeysAreThoseOfTheRfcs) {
  const auto ec = public_jwk(Secret(test::kRfcEcKey));
  EXPECT_EQ(ec.value(), Json::parse(R"({"kty": "EC", "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"));
  const auto rsa = public_jwk(Secret(test::kRfcRsaKey));
  EXPECT_EQ(rsa.value()["e"], "AQAB");
  EXPECT_EQ(rsa.value()["n"].get<std::string>().substr(0, 20), "ofgWCuLjybRlzo0tZWJj");
  EXPECT_EQ(rsa.value()["n"].get<std::string>().size(), 342U);
}

TEST(Jws, ThumbprintAsInRfc7638Section31) {
  // Members that are not required do not count; they are never put in by public_jwk().
  const Json jwk{{"kty", "RSA"},
                 {"e", "AQAB"},
                 {"n",
                  "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
                  "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4"
                  "QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
                  "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF"
                  "Cur-kEgU8awapJzKnqDKgw"}};
  EXPECT_EQ(thumbprint_of(jwk), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jws, OtherKeysAreRefused) {
  const auto refused = public_jwk(Secret("no key"));
  ASSERT_FALSE(refused);
  // Ed25519, as RFC 8410 section 10.3 shows it.
  const auto other =
      public_jwk(Secret("-----BEGIN PRIVATE KEY-----\n"
                        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                        "-----END PRIVATE KEY-----\n"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "key_kind");
}

}  // namespace
}  // namespace podplay::acme
