// The key is a file of the state volume and named by its thumbprint (RFC 7638). A new one, which is
// made when the file was removed, makes tokens of the old one worthless.
#include "control/identity/token_key.hpp"

#include <fmt/format.h>

#include "acme/jws.hpp"
#include "base/json_text.hpp"
#include "control/change.hpp"
#include "net/signing_key.hpp"

namespace podplay::control {
namespace {

std::string path_of(const Context& context) { return context.paths.state + "/token.key"; }

Result<Secret> read_token_key(const Context& context) {
  TRY(auto text, context.files.read(path_of(context)));
  return Secret(std::move(text));
}

}  // namespace

std::string token_issuer(const Settings& settings) {
  const std::string& name = settings.text("PODPLAY_HOST_NAME");
  const auto port = settings.integer("PODPLAY_HOST_HTTPS_PORT");
  return port == 443 ? fmt::format("https://{}/api/openid", name)
                     : fmt::format("https://{}:{}/api/openid", name, port);
}

Status prepare_token_key(Context& context) {
  if (context.files.exists(path_of(context))) {
    return {};
  }
  TRY(const auto key, net::make_private_key(net::KeyKind::ecdsa_p256));
  TRY(context.files.write_atomic(path_of(context), key.reveal(), 0600));
  TRY(const auto id, acme::thumbprint(key));
  TRY(write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
    change.concern_files(ServiceName::mail);
    change.finish("TOKEN_KEY_MADE", id, "make a key that signs tokens");
    return {};
  }));
  return {};
}

std::vector<TokenKey> token_keys(const Context& context) {
  const auto key = read_token_key(context);
  if (!key) {
    return {};
  }
  const auto id = acme::thumbprint(*key);
  const auto pem = net::public_key_pem(*key);
  return id && pem ? std::vector{TokenKey{.id = *id, .pem = *pem}} : std::vector<TokenKey>();
}

Result<nlohmann::json> token_key_set(const Context& context) {
  if (!context.files.exists(path_of(context))) {
    return nlohmann::json{{"keys", nlohmann::json::array()}};
  }
  TRY(const auto key, read_token_key(context));
  TRY(auto jwk, acme::public_jwk(key));
  jwk["kid"] = acme::thumbprint_of(jwk);
  jwk["use"] = "sig";
  jwk["alg"] = "ES256";
  return nlohmann::json{{"keys", nlohmann::json::array({jwk})}};
}

Result<std::string> sign_token(const Context& context, std::string_view type,
                               const nlohmann::json& claims) {
  TRY(const auto key, read_token_key(context));
  TRY(const auto id, acme::thumbprint(key));
  TRY(const auto text, acme::sign_jws(key, {{"typ", type}, {"kid", id}}, json_text(claims)));
  const auto made = nlohmann::json::parse(text, nullptr, false);
  return fmt::format("{}.{}.{}", made.value("protected", ""), made.value("payload", ""),
                     made.value("signature", ""));
}

}  // namespace podplay::control
