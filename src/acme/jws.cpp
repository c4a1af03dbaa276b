// nlohmann-json writes members sorted by name and without blanks, which is the form that a
// thumbprint is made of (RFC 7638 section 3.3).
#include "acme/jws.hpp"

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "net/signing_key.hpp"

namespace podplay::acme {
namespace {

std::string signing_input(const Json& header, const std::string& payload) {
  return base64url(json_text(header)) + "." + base64url(payload);
}

std::string flattened(const std::string& input, const std::string& signature) {
  const std::size_t dot = input.find('.');
  return json_text(Json{{"protected", input.substr(0, dot)},
                        {"payload", input.substr(dot + 1)},
                        {"signature", base64url(signature)}});
}

}  // namespace

Result<Json> public_jwk(const Secret& key) {
  TRY(const auto numbers, net::public_numbers(key));
  if (numbers.rsa()) {
    return Json{
        {"kty", "RSA"}, {"n", base64url(numbers.modulus)}, {"e", base64url(numbers.exponent)}};
  }
  return Json{
      {"kty", "EC"}, {"crv", "P-256"}, {"x", base64url(numbers.x)}, {"y", base64url(numbers.y)}};
}

std::string thumbprint_of(const Json& jwk) { return base64url(sha256(json_text(jwk))); }

Result<std::string> thumbprint(const Secret& key) {
  TRY(const auto jwk, public_jwk(key));
  return thumbprint_of(jwk);
}

Result<std::string> sign_jws(const Secret& key, Json header, const std::string& payload) {
  TRY(const auto numbers, net::public_numbers(key));
  header["alg"] = numbers.rsa() ? "RS256" : "ES256";
  const std::string input = signing_input(header, payload);
  TRY(const auto signature, net::sign(key, input));
  return flattened(input, signature);
}

std::string sign_jws_hmac(const Secret& secret, Json header, const std::string& payload) {
  header["alg"] = "HS256";
  const std::string input = signing_input(header, payload);
  return flattened(input, hmac_sha256(secret, input));
}

}  // namespace podplay::acme
