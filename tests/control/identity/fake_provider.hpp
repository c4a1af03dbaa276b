// An OpenID provider on 127.0.0.1 with TLS, which says whatever the test wants. The real one is in
// tests/contract.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "acme/jws.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "control/plane.hpp"
#include "net/http.hpp"
#include "net/signing_key.hpp"
#include "net/x509.hpp"

namespace podplay::test {

class FakeProvider {
 public:
  using Json = nlohmann::json;

  FakeProvider() {
    const WallTime now = SystemClock{}.now();
    const auto authority = net::make_authority("Provider CA", std::chrono::days(1), now).value();
    const Secret server_key = net::make_private_key().value();
    ca = authority.certificate;
    net::HttpServerOptions options;
    options.threads = 4;
    options.tls = net::TlsIdentity{
        net::issue_certificate(authority, server_key, "localhost", {"127.0.0.1", "localhost"},
                               std::chrono::hours(1), now)
            .value(),
        server_key};
    server_ =
        net::HttpServer::start(
            std::move(options), [this](const net::HttpRequest& request) { return answer(request); },
            silent_logger())
            .value();
    issuer = fmt::format("https://127.0.0.1:{}", server_->port());
  }

  // Lets the control plane know it. `more` are settings beside the usual ones.
  void introduce(Plane& plane, std::map<std::string, std::string> more = {}) {
    RealFiles files;
    Plane::must(files.make_dirs(plane.paths.overrides, 0755));
    Plane::must(files.write_atomic(plane.paths.overrides + "/provider.pem", ca, 0644, {}));
    more.insert({{"PODPLAY_DOMAIN", "example.test"},
                 {"PODPLAY_OUTSIDE_LOGIN_ISSUER", issuer},
                 {"PODPLAY_OUTSIDE_LOGIN_CLIENT_ID", "podplay"},
                 {"PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET", "a secret & more"},
                 {"PODPLAY_OUTSIDE_LOGIN_CA", "provider.pem"}});
    plane.settings = effective_settings(more).value();
  }

  // What a browser brings back when it was sent to `url` and the person logged in.
  struct Answer {
    std::string state;
    std::string code = "the-code";
    std::string issuer;
  };
  Answer visit(const std::string& url) {
    const std::scoped_lock lock(mutex_);
    asked = query_of(url);
    return {.state = asked["state"], .issuer = issuer};
  }

  static std::string token(const Json& header, const Json& claims, const Secret& key) {
    const std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
    return text + "." + base64url(net::sign(key, text).value());
  }
  Json good_header() const { return {{"alg", "ES256"}, {"kid", "first"}, {"typ", "JWT"}}; }
  // Of the login that was visited last.
  Json good_claims() {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(SystemClock{}.now().time_since_epoch())
            .count();
    Json claims{{"iss", issuer},           {"aud", "podplay"}, {"sub", person.at("sub")},
                {"nonce", asked["nonce"]}, {"iat", now},       {"exp", now + 300}};
    claims.update(person);
    return claims;
  }
  static std::map<std::string, std::string> query_of(const std::string& url) {
    return form_of(url.substr(url.find('?') + 1));
  }

  std::string ca;
  std::string issuer;
  // Who logs in there.
  Json person{{"sub", "248289"}, {"email", "ann@example.test"}, {"email_verified", true}};
  Secret key = net::make_private_key().value();
  std::string key_id = "first";
  // Changes what is signed.
  std::function<void(Json& header, Json& claims)> change = [](Json&, Json&) {};
  // Instead of the token.
  std::string forged;
  // Instead of its documents, by path.
  std::map<std::string, Json> documents;
  // Of the userinfo endpoint.
  Json user_info = Json::object();
  // The parameters that the browser came with, and how often each path was asked for.
  std::map<std::string, std::string> asked;
  std::map<std::string, int> requests;

 private:
  static std::string decode(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size()) {
        result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        result += text[i];
      }
    }
    return result;
  }
  static std::map<std::string, std::string> form_of(std::string text) {
    std::map<std::string, std::string> fields;
    while (!text.empty()) {
      const std::string pair = text.substr(0, text.find('&'));
      text.erase(0, std::min(pair.size() + 1, text.size()));
      fields[pair.substr(0, pair.find('='))] = decode(pair.substr(pair.find('=') + 1));
    }
    return fields;
  }

  net::HttpResponse answer(const net::HttpRequest& request) {
    const std::scoped_lock lock(mutex_);
    ++requests[request.path];
    const auto json = [](const Json& body, int status = 200) {
      return net::HttpResponse{status, {{"Content-Type", "application/json"}}, body.dump()};
    };
    if (const auto found = documents.find(request.path); found != documents.end()) {
      return json(found->second);
    }
    if (request.path == "/.well-known/openid-configuration") {
      return json({{"issuer", issuer},
                   {"authorization_endpoint", issuer + "/authorize?tenant=7"},
                   {"token_endpoint", issuer + "/token"},
                   {"userinfo_endpoint", issuer + "/me"},
                   {"jwks_uri", issuer + "/keys"},
                   {"authorization_response_iss_parameter_supported", true}});
    }
    if (request.path == "/keys") {
      Json jwk = acme::public_jwk(key).value();
      jwk["kid"] = key_id;
      return json({{"keys", {jwk}}});
    }
    if (request.path == "/me") {
      return json(user_info);
    }
    if (request.path == "/token") {
      return redeem(request);
    }
    return {404};
  }

  net::HttpResponse redeem(const net::HttpRequest& request) {
    const auto refuse = [](const char* error, int status) {
      return net::HttpResponse{status, {}, Json{{"error", error}}.dump()};
    };
    auto form = form_of(request.body);
    if (request.header("Authorization") != "Basic " + base64("podplay:a%20secret%20%26%20more")) {
      return refuse("invalid_client", 401);
    }
    if (form["code"] != "the-code" || form["redirect_uri"] != asked["redirect_uri"] ||
        form["grant_type"] != "authorization_code" ||
        base64url(sha256(form["code_verifier"])) != asked["code_challenge"]) {
      return refuse("invalid_grant", 400);
    }
    Json header = good_header();
    Json claims = good_claims();
    header["kid"] = key_id;
    change(header, claims);
    const std::string made = forged.empty() ? token(header, claims, key) : forged;
    return {
        200, {}, Json{{"access_token", "at"}, {"token_type", "Bearer"}, {"id_token", made}}.dump()};
  }

  std::mutex mutex_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace podplay::test
