// Second factors, passkeys, app passwords and the OpenID provider, over HTTP.
#include <gtest/gtest.h>

#include "acme/jws.hpp"
#include "api/api_fixture.hpp"
#include "auth/base32.hpp"
#include "auth/soft_authenticator.hpp"
#include "auth/totp.hpp"
#include "control/identity/token_key.hpp"

namespace podplay::api {
namespace {

using test::SoftAuthenticator;

class CredentialsTest : public test::ApiTest {
 protected:
  CredentialsTest() { log_in(); }
  Json good(const std::string& method, const std::string& path, const Json& body = {}) {
    const auto answer = ask(method, path, body.is_null() ? "" : body.dump());
    EXPECT_LT(answer.status, 300) << path << ": " << answer.body;
    return json(answer);
  }
  std::string refused(const std::string& method, const std::string& path, const Json& body = {}) {
    const auto answer = ask(method, path, body.is_null() ? "" : body.dump());
    EXPECT_GE(answer.status, 400) << path;
    return json(answer).value("code", "");
  }
  std::string code_now(const std::string& secret) {
    return auth::totp_code(Secret(*auth::from_base32(secret)), plane_.clock.now());
  }
  static std::string challenge_of(const Json& options) {
    return from_base64url(options.at("challenge").get<std::string>()).value();
  }
};

TEST_F(CredentialsTest, AnAppIsSetUpAskedForAndRemoved) {
  EXPECT_EQ(good("GET", "/api/factors")["second_factor"], false);
  const Json begun = good("POST", "/api/totp", Json::object());
  const std::string secret = begun["secret"];
  EXPECT_TRUE(begun["qr_svg"].get<std::string>().starts_with("<svg "));
  EXPECT_EQ(refused("POST", "/api/totp/confirm", {{"code", "12345"}}), "code_wrong");
  const Json added = good("POST", "/api/totp/confirm", {{"code", code_now(secret)}});
  EXPECT_EQ(added["recovery_codes"].size(), 10U);
  EXPECT_EQ(added["recovery_codes_left"], 10);
  EXPECT_EQ(good("GET", "/api/recovery-codes")["left"], 10);
  EXPECT_EQ(good("POST", "/api/recovery-codes", Json::object())["recovery_codes"].size(), 10U);
  // The next login has two steps.
  plane_.clock.moved += std::chrono::seconds(60);
  token_.clear();
  const Json half =
      good("POST", "/api/login", {{"email", "admin@example.test"}, {"password", "password123"}});
  EXPECT_EQ(half["second_factor_required"], true);
  EXPECT_EQ(half["factors"], Json({"totp", "recovery_code"}));
  EXPECT_EQ(refused("POST", "/api/login/factor",
                    {{"ticket", half["ticket"]}, {"factor", "totp"}, {"code", "000000"}}),
            "factor_failed");
  const Json whole =
      good("POST", "/api/login/factor",
           {{"ticket", half["ticket"]}, {"factor", "totp"}, {"code", code_now(secret)}});
  token_ = whole["token"];
  EXPECT_EQ(good("DELETE", "/api/totp")["second_factor"], false);
}

TEST_F(CredentialsTest, APasskeyIsAddedAndLogsInAlone) {
  SoftAuthenticator device;
  const Json options = good("POST", "/api/passkeys/options", Json::object());
  EXPECT_EQ(options["rp"]["id"], "control.example.test");
  EXPECT_EQ(options["authenticatorSelection"]["residentKey"], "required");
  device.set_user(from_base64url(options["user"]["id"].get<std::string>()).value());
  const Json added =
      good("POST", "/api/passkeys",
           {{"name", "phone"}, {"credential", device.create(challenge_of(options))}});
  EXPECT_EQ(added["algorithm"], "ES256");
  EXPECT_EQ(added["recovery_codes"].size(), 10U);
  EXPECT_EQ(good("GET", "/api/passkeys")["items"].size(), 1U);
  EXPECT_EQ(good("GET", "/api/passkeys/question")["allowCredentials"].size(), 1U);
  const std::string id = added["id"].dump();
  EXPECT_EQ(good("PUT", "/api/passkeys/" + id, {{"name", "key ring"}})["name"], "key ring");
  token_.clear();
  const Json question = good("GET", "/api/login/passkey");
  const Json login = good("POST", "/api/login/passkey",
                          {{"credential", device.get(challenge_of(question), {.counter = 2})}});
  token_ = login["token"];
  EXPECT_EQ(login["user"]["email"], "admin@example.test");
  EXPECT_EQ(good("DELETE", "/api/passkeys/" + id)["name"], "key ring");
  EXPECT_EQ(refused("DELETE", "/api/passkeys/" + id), "passkey_unknown");
  EXPECT_EQ(refused("POST", "/api/passkeys", {{"name", "phone"}, {"credential", Json::object()}}),
            "bad_passkey");
}

TEST_F(CredentialsTest, APasskeyIsTheSecondStepOfALogin) {
  SoftAuthenticator device;
  const Json options = good("POST", "/api/passkeys/options", Json::object());
  device.set_user(from_base64url(options["user"]["id"].get<std::string>()).value());
  good("POST", "/api/passkeys",
       {{"name", "phone"}, {"credential", device.create(challenge_of(options))}});
  const Json known = good("GET", "/api/passkeys/question")["allowCredentials"];
  token_.clear();
  const Json half =
      good("POST", "/api/login", {{"email", "admin@example.test"}, {"password", "password123"}});
  EXPECT_EQ(half["factors"], Json({"passkey", "recovery_code"}));
  Json question = half["passkey"];
  const std::string challenge = challenge_of(question);
  question.erase("challenge");
  EXPECT_EQ(question, Json({{"timeout", 300'000},
                            {"rpId", "control.example.test"},
                            {"allowCredentials", known},
                            {"userVerification", "required"}}));
  const Json answer{{"ticket", half["ticket"]},
                    {"factor", "passkey"},
                    {"passkey", device.get(challenge, {.counter = 2})}};
  EXPECT_EQ(good("POST", "/api/login/factor", answer)["user"]["email"], "admin@example.test");
}

TEST_F(CredentialsTest, AnAppPasswordIsShownOnce) {
  const Json made =
      good("POST", "/api/app-passwords", {{"name", "phone"}, {"protocols", {"imap", "smtp"}}});
  EXPECT_TRUE(made["password"].get<std::string>().starts_with("app-"));
  const Json listed = good("GET", "/api/app-passwords")["items"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_FALSE(listed[0].contains("password"));
  EXPECT_TRUE(listed[0]["last_used"].is_null());
  EXPECT_EQ(good("GET", "/api/users/admin@example.test/app-passwords")["items"].size(), 1U);
  EXPECT_EQ(good("DELETE", "/api/app-passwords/" + made["id"].dump())["name"], "phone");
  EXPECT_EQ(refused("DELETE", "/api/app-passwords/seven"), "app_password_unknown");
  const auto tried = ask("POST", "/api/app-passwords?dry_run=1", R"({"name":"tablet"})");
  EXPECT_EQ(tried.status, 200);
  EXPECT_EQ(tried.body.find("app-"), std::string::npos) << tried.body;
}

TEST_F(CredentialsTest, AnAdministratorResetsFactors) {
  good("POST", "/api/users", {{"email", "ann@example.test"}, {"password", "password123"}});
  EXPECT_EQ(good("GET", "/api/users/ann@example.test/factors")["totp"], false);
  EXPECT_EQ(good("DELETE", "/api/users/ann@example.test/factors")["changed"], false);
  EXPECT_EQ(refused("DELETE", "/api/users/admin@example.test/factors"), "own_factors");
  EXPECT_EQ(refused("GET", "/api/users/nobody@example.test/factors"), "user_unknown");
}

TEST_F(CredentialsTest, AProgramLogsAPersonIn) {
  test::Plane::must(control::prepare_token_key(plane_.context()));
  constexpr const char* kUri = "https://webmail.example.test/callback";
  const std::string verifier = random_token(32);
  const Json client = good(
      "POST", "/api/openid/clients",
      {{"id", "webmail"}, {"name", "Webmail"}, {"redirect_uris", {kUri}}, {"confidential", true}});
  EXPECT_EQ(good("GET", "/api/openid/clients")["items"][0]["id"], "webmail");
  const Json found = good("GET", "/api/openid/.well-known/openid-configuration");
  EXPECT_EQ(found["issuer"], "https://control.example.test:8443/api/openid");
  EXPECT_EQ(found["jwks_uri"], "https://control.example.test:8443/api/openid/keys");
  EXPECT_EQ(good("GET", "/api/openid/keys")["keys"][0]["alg"], "ES256");
  const std::string redirect = good("POST", "/api/openid/authorize",
                                    {{"client_id", "webmail"},
                                     {"redirect_uri", kUri},
                                     {"response_type", "code"},
                                     {"scope", "openid mail"},
                                     {"code_challenge", base64url(sha256(verifier))},
                                     {"code_challenge_method", "S256"}})["redirect"];
  const std::size_t begin = redirect.find("code=") + 5;
  const std::string given = redirect.substr(begin, redirect.find('&', begin) - begin);
  const auto redeem = [&](const std::string& body) {
    net::HttpRequest request{.method = "POST",
                             .path = "/api/openid/token",
                             .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                             .body = body,
                             .remote_address = "127.0.0.1"};
    const auto answer = api_.handle(request);
    check_answer(request, answer);
    return json(answer);
  };
  const std::string form =
      "grant_type=authorization_code&client_id=webmail&resource=ignored&client_secret=" +
      client["client_secret"].get<std::string>() +
      "&redirect_uri=https%3A%2F%2Fwebmail.example.test%2Fcallback&code_verifier=" + verifier;
  EXPECT_EQ(redeem("grant_type=authorization_code")["error"], "invalid_request");
  EXPECT_EQ(redeem(form + "&code=%zz")["error"], "invalid_request");
  EXPECT_EQ(redeem(form + "&code=a&code=b")["error"], "invalid_request");
  const Json tokens = redeem(form + "&code=" + given);
  EXPECT_EQ(tokens["token_type"], "Bearer") << tokens;
  EXPECT_EQ(tokens["expires_in"], 600);
  const Json again = redeem(form + "&code=" + given);
  EXPECT_EQ(again["error"], "invalid_grant");
  EXPECT_EQ(again["status"], 400);
  EXPECT_EQ(good("DELETE", "/api/openid/clients/webmail")["id"], "webmail");
}

}  // namespace
}  // namespace podplay::api
