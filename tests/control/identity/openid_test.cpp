// The provider: a code is bound to everything that it was begun with, works once, and brings tokens
// that the published key verifies.
#include "control/identity/openid.hpp"

#include <gtest/gtest.h>

#include "acme/jws.hpp"
#include "base/encoding.hpp"
#include "control/control_test.hpp"
#include "control/identity/token_key.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

class OpenidTest : public test::ControlTest {
 protected:
  OpenidTest() {
    Plane::must(prepare_token_key(context));
    EXPECT_EQ(code(create_user(context, admin, input("ann@example.test"), {})), "fine");
    ann_user = get_user(context, admin, "ann@example.test").value();
    ann = logged_in(Strength::single_factor);
    EXPECT_EQ(code(make_client("webmail", false)), "fine");
  }
  using Plane = test::Plane;
  Actor logged_in(Strength strength, Scopes scopes = Scopes::all()) {
    return Actor::of(ann_user, LoginFacts{.kind = LoginFacts::Kind::session,
                                          .scopes = scopes,
                                          .strength = strength,
                                          .proven = context.clock.now()});
  }
  Result<Changed<OpenidClientAdded>> make_client(const std::string& id, bool confidential) {
    return create_openid_client(context, admin,
                                {.id = id,
                                 .name = "Webmail",
                                 .redirect_uris = {kUri, "http://127.0.0.1:4000/cb?x=1"},
                                 .confidential = confidential},
                                {});
  }
  OpenidRequest request(const std::string& client = "webmail") const {
    return {.client_id = client,
            .redirect_uri = kUri,
            .response_type = "code",
            .scope = "openid email mail unknown",
            .state = "a state & more",
            .nonce = "n1",
            .code_challenge = base64url(sha256(kVerifier)),
            .code_challenge_method = "S256"};
  }
  // The code that the browser brings back.
  std::string authorize(const OpenidRequest& asked) {
    const auto redirect = authorize_openid(context, ann, asked);
    EXPECT_TRUE(redirect) << describe(redirect.error());
    const std::size_t begin = redirect->find("code=") + 5;
    return redirect->substr(begin, redirect->find('&', begin) - begin);
  }
  OpenidRedemption redemption(const std::string& given) const {
    return {.grant_type = "authorization_code",
            .code = given,
            .redirect_uri = kUri,
            .client_id = "webmail",
            .code_verifier = kVerifier};
  }
  static Json part(const std::string& token, int number) {
    std::size_t begin = 0;
    for (int i = 0; i < number; ++i) {
      begin = token.find('.', begin) + 1;
    }
    return Json::parse(from_base64url(token.substr(begin, token.find('.', begin) - begin)).value());
  }

  static constexpr const char* kUri = "https://webmail.example.test/callback";
  static constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  User ann_user;
  Actor ann = Actor::anonymous("", "");
};

TEST_F(OpenidTest, ACodeBringsTokensOnce) {
  const auto redirect = authorize_openid(context, ann, request());
  ASSERT_TRUE(redirect) << describe(redirect.error());
  EXPECT_TRUE(redirect->starts_with(std::string(kUri) + "?code="));
  EXPECT_NE(redirect->find("&state=a%20state%20%26%20more"), std::string::npos);
  const std::string given = authorize(request());
  const auto tokens = redeem_openid(context, stranger, redemption(given));
  ASSERT_TRUE(tokens) << describe(tokens.error());
  const Json keys = token_key_set(context).value().at("keys").at(0);
  const Json header = part(tokens->access_token, 0);
  EXPECT_EQ(header.at("alg"), "ES256");
  EXPECT_EQ(header.at("typ"), "at+jwt");
  EXPECT_EQ(header.at("kid"), keys.at("kid"));
  const Json access = part(tokens->access_token, 1);
  EXPECT_EQ(access.at("iss"), "https://control.example.test:8443/api/openid");
  EXPECT_EQ(access.at("aud"), "mail");
  EXPECT_EQ(access.at("email"), "ann@example.test");
  EXPECT_EQ(access.at("sub"), std::to_string(ann_user.owner));
  EXPECT_EQ(access.at("exp").get<std::int64_t>() - access.at("iat").get<std::int64_t>(), 600);
  EXPECT_FALSE(access.contains("azp")) << "Dovecot would look for a key of the client";
  const Json identity = part(tokens->id_token, 1);
  EXPECT_EQ(identity.at("aud"), "webmail");
  EXPECT_EQ(identity.at("nonce"), "n1");
  EXPECT_EQ(identity.at("email"), "ann@example.test");
  EXPECT_EQ(tokens->scope, "email mail openid");
  EXPECT_EQ(code(redeem_openid(context, stranger, redemption(given))), "invalid_grant");
}

TEST_F(OpenidTest, ACodeIsWorthNothingInOtherHands) {
  EXPECT_EQ(code(make_client("other", false)), "fine");
  const auto with = [&](const std::function<void(OpenidRedemption&)>& change) {
    OpenidRedemption changed = redemption(authorize(request()));
    change(changed);
    return code(redeem_openid(context, stranger, changed));
  };
  EXPECT_EQ(with([](OpenidRedemption&) {}), "fine");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.client_id = "other"; }), "invalid_grant");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.client_id = "nobody"; }), "invalid_client");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.client_secret = Secret("x"); }), "invalid_client");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.redirect_uri = "http://127.0.0.1:4000/cb?x=1"; }),
            "invalid_grant");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.code_verifier[0] = 'x'; }), "invalid_grant");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.code_verifier = ""; }), "invalid_grant");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.code = "made up"; }), "invalid_grant");
  EXPECT_EQ(with([](OpenidRedemption& one) { one.grant_type = "password"; }),
            "unsupported_grant_type");
  EXPECT_EQ(with([&](OpenidRedemption&) { plane.clock.moved += std::chrono::seconds(61); }),
            "invalid_grant");
  // A wrong try takes the code, too.
  const std::string given = authorize(request());
  OpenidRedemption wrong = redemption(given);
  wrong.code_verifier[0] = 'x';
  EXPECT_EQ(code(redeem_openid(context, stranger, wrong)), "invalid_grant");
  EXPECT_EQ(code(redeem_openid(context, stranger, redemption(given))), "invalid_grant");
}

TEST_F(OpenidTest, ADisabledPersonGetsNoTokens) {
  const std::string given = authorize(request());
  UserInput change;
  change.enabled = false;
  EXPECT_EQ(code(update_user(context, admin, "ann@example.test", change, {})), "fine");
  EXPECT_EQ(code(redeem_openid(context, stranger, redemption(given))), "invalid_grant");
}

TEST_F(OpenidTest, AConfidentialClientNeedsItsSecret) {
  const auto made = make_client("server", true);
  ASSERT_TRUE(made);
  OpenidRequest asked = request("server");
  const auto try_with = [&](const Secret& secret) {
    OpenidRedemption given = redemption(authorize(asked));
    given.client_id = "server";
    given.client_secret = secret;
    return code(redeem_openid(context, stranger, given));
  };
  EXPECT_EQ(try_with(Secret()), "invalid_client");
  EXPECT_EQ(try_with(Secret("wrong")), "invalid_client");
  EXPECT_EQ(try_with(made->object.secret), "fine");
}

TEST_F(OpenidTest, AWrongRequestIsRefused) {
  const auto with = [&](const std::function<void(OpenidRequest&)>& change) {
    OpenidRequest changed = request();
    change(changed);
    return code(authorize_openid(context, ann, changed));
  };
  EXPECT_EQ(with([](OpenidRequest& one) { one.client_id = "nobody"; }), "invalid_client");
  EXPECT_EQ(with([](OpenidRequest& one) { one.redirect_uri += "/"; }), "invalid_request");
  EXPECT_EQ(with([](OpenidRequest& one) { one.response_type = "token"; }), "invalid_request");
  EXPECT_EQ(with([](OpenidRequest& one) { one.scope = "mail"; }), "invalid_scope");
  EXPECT_EQ(with([](OpenidRequest& one) { one.code_challenge_method = "plain"; }),
            "invalid_request");
  EXPECT_EQ(with([](OpenidRequest& one) { one.code_challenge.clear(); }), "invalid_request");
  EXPECT_EQ(with([](OpenidRequest& one) { one.state = std::string(501, 'x'); }), "invalid_request");
}

TEST_F(OpenidTest, ALoginThatMayDoLessGivesNothingAway) {
  ann = logged_in(Strength::single_factor, Scopes::of(Area::account));
  EXPECT_EQ(code(authorize_openid(context, ann, request())), "scope_missing");
}

TEST_F(OpenidTest, AClientIsCheckedAndDeleted) {
  const auto refused =
      create_openid_client(context, admin,
                           {.id = "Web Mail",
                            .name = "",
                            .redirect_uris = {"http://webmail.test/", "https://a.test/#x"}},
                           {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().faults.size(), 4U);
  EXPECT_EQ(code(make_client("webmail", false)), "client_exists");
  const std::string given = authorize(request());
  EXPECT_EQ(code(delete_openid_client(context, admin, "webmail", {})), "fine");
  EXPECT_EQ(code(delete_openid_client(context, admin, "webmail", {})), "client_unknown");
  EXPECT_EQ(code(redeem_openid(context, stranger, redemption(given))), "invalid_client");
  EXPECT_TRUE(list_openid_clients(context)->empty());
}

TEST_F(OpenidTest, MailKnowsTheKey) {
  const auto work = ask_for_work(ServiceName::mail);
  ASSERT_TRUE(work && work->snapshot);
  const auto& mail = std::get<MailSnapshot>(work->snapshot->body);
  EXPECT_EQ(mail.token_issuer, "https://control.example.test:8443/api/openid");
  ASSERT_EQ(mail.token_keys.size(), 1U);
  const Json key = token_key_set(context).value().at("keys").at(0);
  EXPECT_EQ(Json(mail.token_keys[0].id), key.at("kid"));
  EXPECT_TRUE(mail.token_keys[0].pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
  // A second start makes no other one.
  EXPECT_TRUE(prepare_token_key(context));
  EXPECT_EQ(token_keys(context), mail.token_keys);
}

}  // namespace
}  // namespace podplay::control
