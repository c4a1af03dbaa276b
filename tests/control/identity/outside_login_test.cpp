// Logins by an outside provider: its word counts only for this login, for a verified address, and
// for the person that it was before.
#include "control/identity/outside_login.hpp"

#include <gtest/gtest.h>

#include "auth/base32.hpp"
#include "auth/totp.hpp"
#include "control/control_test.hpp"
#include "control/identity/challenges.hpp"
#include "control/identity/fake_provider.hpp"
#include "control/identity/totp.hpp"
#include "store/audit.hpp"
#include "store/contacts.hpp"
#include "store/outside_identities.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;
using test::FakeProvider;
using namespace std::chrono_literals;

class OutsideLoginTest : public test::ControlTest {
 protected:
  OutsideLoginTest() {
    provider.introduce(plane);
    EXPECT_EQ(code(create_user(context, admin, input("ann@example.test"), {})), "fine");
  }
  User user_of(const std::string& email) { return get_user(context, admin, email).value(); }

  // The whole way of a browser.
  Result<LoginStep> log_in(const std::string& browser = "browser-1") {
    TRY(const auto url, begin_outside_login(context, browser));
    return finish(provider.visit(url), browser);
  }
  Result<LoginStep> finish(const FakeProvider::Answer& answer,
                           const std::string& browser = "browser-1") {
    return finish_outside_login(
        context, browser, {.state = answer.state, .code = answer.code, .issuer = answer.issuer},
        {.kind = LoginFacts::Kind::session, .agent = "Firefox"}, stranger);
  }
  // The error's message, to see which rule refused.
  std::string why(const Result<LoginStep>& step) { return step ? "fine" : step.error().message; }
  // The code of a login whose token the test has changed.
  std::string log_in_with(const std::function<void(Json& header, Json& claims)>& change) {
    provider.change = change;
    const auto step = log_in();
    provider.change = [](Json&, Json&) {};
    return step ? "fine" : step.error().code + ": " + step.error().message;
  }
  std::vector<store::AuditRow> events() {
    return context.store
        .read<std::vector<store::AuditRow>>(
            [](store::Session& session) { return store::list_audit(session, 0, 5); })
        .value();
  }
  void set_recovery_address(const std::string& email, const std::string& address) {
    ASSERT_TRUE(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      store::put_contact(transaction, {.user_id = store::find_user(transaction, email)->id,
                                       .language = "en",
                                       .recovery_address = address,
                                       .updated = context.clock.now()});
      return true;
    }));
  }
  // Gives the user an authenticator app; the secret of it.
  std::string add_totp(const std::string& email) {
    const Actor actor = Actor::of(user_of(email), {.kind = LoginFacts::Kind::token,
                                                   .proven = context.clock.now(),
                                                   .expires = context.clock.now() + 1h});
    const auto begun = begin_totp(context, actor, {});
    EXPECT_TRUE(begun) << describe(begun.error());
    EXPECT_EQ(code(confirm_totp(context, actor, totp_code(begun->secret), {})), "fine");
    return begun->secret;
  }
  std::string totp_code(const std::string& secret) {
    return auth::totp_code(Secret(*auth::from_base32(secret)), context.clock.now());
  }

  FakeProvider provider;
};

TEST_F(OutsideLoginTest, AVerifiedAddressLogsItsUserIn) {
  const auto step = log_in();
  ASSERT_TRUE(step) << describe(step.error());
  ASSERT_TRUE(step->done);
  EXPECT_EQ(step->done->user.email, "ann@example.test");
  EXPECT_EQ(step->done->kind, LoginFacts::Kind::session);
  EXPECT_EQ(step->done->strength, Strength::single_factor);
  const auto rows = events();
  EXPECT_EQ(rows[0].event, "LOGIN_SUCCESS");
  EXPECT_EQ(rows[1].event, "OUTSIDE_LOGIN_CONNECTED");
  EXPECT_EQ(rows[1].actor, "ann@example.test");
  EXPECT_NE(rows[1].after.find(provider.issuer), std::string::npos) << rows[1].after;
  EXPECT_EQ(code(log_in()), "fine");
  EXPECT_EQ(events()[1].event, "OUTSIDE_LOGIN_PROVEN");
}

TEST_F(OutsideLoginTest, TheBrowserIsSentWithWhatTheStandardsAskFor) {
  const auto url = begin_outside_login(context, "browser-1");
  ASSERT_TRUE(url) << describe(url.error());
  EXPECT_TRUE(url->starts_with(provider.issuer + "/authorize?tenant=7&")) << *url;
  auto query = FakeProvider::query_of(*url);
  EXPECT_EQ(query["response_type"], "code");
  EXPECT_EQ(query["client_id"], "podplay");
  EXPECT_EQ(query["redirect_uri"], "https://control.example.test:8443/login/outside");
  EXPECT_EQ(query["scope"], "openid email");
  EXPECT_EQ(query["code_challenge_method"], "S256");
  EXPECT_EQ(query["code_challenge"].size(), 43U);
  EXPECT_EQ(query["nonce"].size(), 43U);
  EXPECT_EQ(url->find("secret"), url->npos);
  auto other = FakeProvider::query_of(begin_outside_login(context, "browser-1").value());
  EXPECT_NE(query["state"], other["state"]);
  EXPECT_NE(query["nonce"], other["nonce"]);
  EXPECT_NE(query["code_challenge"], other["code_challenge"]);
}

TEST_F(OutsideLoginTest, AStateWorksOnceAndForItsBrowser) {
  const auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
  EXPECT_EQ(code(finish(answer, "browser-2")), "outside_state_invalid");
  EXPECT_EQ(code(finish(answer, "")), "outside_state_invalid");
  EXPECT_EQ(code(finish({.state = answer.state + "A", .issuer = answer.issuer})),
            "outside_state_invalid");
  EXPECT_EQ(code(finish({.state = "made-up", .issuer = answer.issuer})), "outside_state_invalid");
  EXPECT_EQ(code(finish({.state = "", .issuer = answer.issuer})), "outside_state_invalid");
  // A question for a passkey is none.
  EXPECT_EQ(code(finish({.state = base64url(make_challenge(context, "login").value()),
                         .issuer = answer.issuer})),
            "outside_state_invalid");
  EXPECT_EQ(provider.requests["/token"], 0);
  EXPECT_EQ(code(finish(answer)), "fine");
  EXPECT_EQ(code(finish(answer)), "outside_state_invalid");
  EXPECT_EQ(events()[0].event, "OUTSIDE_LOGIN_FAILED");
  EXPECT_EQ(provider.requests["/token"], 1);
}

TEST_F(OutsideLoginTest, AStateIsUsedUpByAFailureToo) {
  auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
  answer.code = "another-code";
  EXPECT_EQ(code(finish(answer)), "outside_refused");
  answer.code = "the-code";
  EXPECT_EQ(code(finish(answer)), "outside_state_invalid");
}

TEST_F(OutsideLoginTest, AStateExpires) {
  const auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
  plane.clock.moved += kOutsideLoginLifetime;
  EXPECT_EQ(code(finish(answer)), "outside_state_invalid");
}

TEST_F(OutsideLoginTest, TwoControlPlanesKnowEachOthersLogins) {
  const auto store = store::Store::open(plane.paths.state + "/podplay.db", plane.log).value();
  Context other = plane.context_of(*store);
  const auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
  EXPECT_EQ(
      code(finish_outside_login(
          other, "browser-1", {.state = answer.state, .code = answer.code, .issuer = answer.issuer},
          {.kind = LoginFacts::Kind::session}, stranger)),
      "fine");
  EXPECT_EQ(code(finish(answer)), "outside_state_invalid");
}

TEST_F(OutsideLoginTest, ForgedTokensAreRefused) {
  const auto refused = [&](const char* rule,
                           const std::function<void(Json & header, Json & claims)>& change) {
    const std::string answer = log_in_with(change);
    EXPECT_TRUE(answer.starts_with("id_token_refused: ")) << rule << ": " << answer;
    EXPECT_NE(answer.find(rule), answer.npos) << answer;
  };
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(context.clock.now().time_since_epoch())
          .count();
  EXPECT_EQ(log_in_with([](Json&, Json&) {}), "fine");
  refused("(iss)", [](Json&, Json& claims) { claims["iss"] = "https://evil.test"; });
  refused("(aud)", [](Json&, Json& claims) { claims["aud"] = "webmail"; });
  refused("(aud)", [](Json&, Json& claims) { claims.erase("aud"); });
  refused("(azp)", [](Json&, Json& claims) { claims["aud"] = {"podplay", "webmail"}; });
  refused("(azp)", [](Json&, Json& claims) { claims["azp"] = "webmail"; });
  refused("(exp)", [&](Json&, Json& claims) { claims["exp"] = now - 61; });
  refused("(exp)", [](Json&, Json& claims) { claims["exp"] = "tomorrow"; });
  refused("(iat)", [&](Json&, Json& claims) { claims["iat"] = now - 700; });
  refused("(iat)", [&](Json&, Json& claims) { claims["iat"] = now + 120; });
  refused("(iat)", [](Json&, Json& claims) { claims.erase("iat"); });
  refused("(nbf)", [&](Json&, Json& claims) { claims["nbf"] = now + 120; });
  refused("(nonce)", [](Json&, Json& claims) { claims["nonce"] = "n"; });
  refused("(nonce)", [](Json&, Json& claims) { claims.erase("nonce"); });
  refused("(sub)", [](Json&, Json& claims) { claims.erase("sub"); });
  refused("(sub)", [](Json&, Json& claims) { claims["sub"] = std::string(256, 'x'); });
  refused("(alg)", [](Json& header, Json&) { header["alg"] = "none"; });
  refused("(alg)", [](Json& header, Json&) { header["alg"] = "ES384"; });
  refused("(alg)", [](Json& header, Json&) { header.erase("alg"); });
  refused("(crit)", [](Json& header, Json&) { header["crit"] = {"b64"}; });
  refused("signature", [](Json& header, Json&) { header["alg"] = "RS256"; });
  EXPECT_EQ(log_in_with([](Json&, Json& claims) {
              claims["aud"] = {"podplay", "webmail"};
              claims["azp"] = "podplay";
            }),
            "fine");
}

TEST_F(OutsideLoginTest, ForgedSignaturesAreRefused) {
  const auto with = [&](const std::function<std::string()>& forge) {
    const auto url = begin_outside_login(context, "browser-1").value();
    const auto answer = provider.visit(url);
    provider.forged = forge();
    return why(finish(answer));
  };
  const auto part = [](const Json& json) { return base64url(json.dump()); };
  const auto refused = [&](const std::string& why, const char* rule) {
    EXPECT_NE(why.find(rule), why.npos) << why;
  };
  // Without any.
  refused(with([&] { return part({{"alg", "none"}}) + "." + part(provider.good_claims()) + "."; }),
          "(alg)");
  // With the public key as the secret of HS256.
  refused(with([&] {
            const std::string text =
                part({{"alg", "HS256"}, {"kid", "first"}}) + "." + part(provider.good_claims());
            const Secret known(net::public_key_pem(provider.key).value());
            return text + "." + base64url(hmac_sha256(known, text));
          }),
          "(alg)");
  // With another key of the same name.
  refused(with([&] {
            return FakeProvider::token(provider.good_header(), provider.good_claims(),
                                       net::make_private_key().value());
          }),
          "signature");
  // Other claims under the right signature.
  refused(with([&] {
            const std::string good =
                FakeProvider::token(provider.good_header(), provider.good_claims(), provider.key);
            Json claims = provider.good_claims();
            claims["email"] = "admin@example.test";
            return good.substr(0, good.find('.')) + "." + part(claims) +
                   good.substr(good.rfind('.'));
          }),
          "signature");
  for (const char* text : {"x", "a.b", "a.b.c", "e30.e30.", "e30.e30.e30.e30", "..."}) {
    const std::string why = with([&] { return text; });
    EXPECT_NE(why.find("not valid here"), why.npos) << text << ": " << why;
  }
  refused(with([&] { return std::string(20000, 'a'); }), "not a signed token");
}

TEST_F(OutsideLoginTest, AnRsaKeyIsTakenToo) {
  provider.key = net::make_private_key(net::KeyKind::rsa_2048).value();
  EXPECT_EQ(log_in_with([](Json& header, Json&) { header["alg"] = "RS256"; }), "fine");
  EXPECT_NE(log_in_with([](Json& header, Json&) { header["alg"] = "ES256"; }), "fine");
}

TEST_F(OutsideLoginTest, OnlyAVerifiedAddressCounts) {
  for (const Json& verified : {Json(false), Json("true"), Json(1), Json()}) {
    provider.person["email_verified"] = verified;
    EXPECT_EQ(code(log_in()), "outside_address_unverified") << verified;
  }
  provider.person.erase("email_verified");
  EXPECT_EQ(code(log_in()), "outside_address_unverified");
  provider.person["email_verified"] = true;
  for (const Json& email : {Json("no address"), Json(7), Json("ann@example.test\r\n"), Json()}) {
    provider.person["email"] = email;
    EXPECT_EQ(code(log_in()), "outside_address_unverified") << email;
  }
  provider.person["email"] = "ANN@Example.TEST";
  EXPECT_EQ(code(log_in()), "fine");
}

TEST_F(OutsideLoginTest, TheAddressMayComeFromTheUserinfoEndpoint) {
  provider.person = {{"sub", "248289"}};
  EXPECT_EQ(code(log_in()), "outside_address_unverified") << "an empty answer";
  provider.user_info = {{"email", "ann@example.test"}, {"email_verified", true}};
  EXPECT_EQ(code(log_in()), "id_token_refused") << "an answer without a subject";
  provider.user_info = {
      {"sub", "another"}, {"email", "ann@example.test"}, {"email_verified", true}};
  EXPECT_EQ(code(log_in()), "id_token_refused") << "somebody else's";
  provider.user_info["sub"] = "248289";
  EXPECT_EQ(code(log_in()), "fine");
  provider.user_info["email_verified"] = false;
  EXPECT_EQ(code(log_in()), "outside_address_unverified");
}

TEST_F(OutsideLoginTest, AConfirmedRecoveryAddressFindsItsUser) {
  provider.person["email"] = "ann@elsewhere.test";
  EXPECT_EQ(code(log_in()), "outside_no_account");
  EXPECT_EQ(events()[0].event, "OUTSIDE_LOGIN_FAILED");
  EXPECT_EQ(events()[0].subject, "ann@elsewhere.test");
  set_recovery_address("ann@example.test", "ann@elsewhere.test");
  const auto step = log_in();
  ASSERT_TRUE(step) << describe(step.error());
  EXPECT_EQ(step->done->user.email, "ann@example.test");
}

TEST_F(OutsideLoginTest, ARecoveryAddressOfTwoFindsNobody) {
  EXPECT_EQ(code(create_user(context, admin, input("bob@example.test"), {})), "fine");
  set_recovery_address("ann@example.test", "both@elsewhere.test");
  set_recovery_address("bob@example.test", "both@elsewhere.test");
  provider.person["email"] = "both@elsewhere.test";
  EXPECT_EQ(code(log_in()), "outside_no_account");
}

TEST_F(OutsideLoginTest, AnotherPersonWithTheSameAddressIsRefused) {
  EXPECT_EQ(code(log_in()), "fine");
  provider.person["sub"] = "666";
  EXPECT_EQ(code(log_in()), "outside_other_person");
  // Nor may the first person have a second account.
  EXPECT_EQ(code(create_user(context, admin, input("bob@example.test"), {})), "fine");
  provider.person = {{"sub", "248289"}, {"email", "bob@example.test"}, {"email_verified", true}};
  EXPECT_EQ(code(log_in()), "outside_other_person");

  const auto known = get_outside_connection(context, admin, "ann@example.test");
  EXPECT_EQ(known->identity.subject, "248289");
  const Actor ann = Actor::of(user_of("ann@example.test"));
  EXPECT_EQ(get_outside_connection(context, ann, "ann@example.test")->identity.subject, "248289");
  EXPECT_EQ(code(get_outside_connection(context, ann, "bob@example.test")), "user_unknown");
  EXPECT_NE(code(disconnect_outside_login(context, ann, "ann@example.test")), "fine");
  EXPECT_EQ(code(disconnect_outside_login(context, admin, "ann@example.test")), "fine");
  EXPECT_EQ(events()[0].event, "OUTSIDE_LOGIN_DISCONNECTED");
  EXPECT_EQ(code(disconnect_outside_login(context, admin, "ann@example.test")),
            "outside_not_connected");
  provider.person = {{"sub", "666"}, {"email", "ann@example.test"}, {"email_verified", true}};
  EXPECT_EQ(code(log_in()), "fine");
}

TEST_F(OutsideLoginTest, AnotherProviderCountsItsPeopleAnew) {
  EXPECT_EQ(code(log_in()), "fine");
  FakeProvider next;
  next.introduce(plane);
  next.person["sub"] = "1";
  const auto answer = next.visit(begin_outside_login(context, "browser-1").value());
  EXPECT_EQ(code(finish({.state = answer.state, .issuer = answer.issuer})), "fine");
  EXPECT_EQ(get_outside_connection(context, admin, "ann@example.test")->identity.issuer,
            next.issuer);
}

TEST_F(OutsideLoginTest, NobodyIsMadeAndADisabledUserStaysOut) {
  UserInput change;
  change.enabled = false;
  EXPECT_EQ(code(update_user(context, admin, "ann@example.test", change, {})), "fine");
  EXPECT_EQ(code(log_in()), "outside_no_account");
  provider.person["email"] = "new@example.test";
  EXPECT_EQ(code(log_in()), "outside_no_account");
  EXPECT_EQ(code(get_user(context, admin, "new@example.test")), "user_unknown");
}

TEST_F(OutsideLoginTest, ASecondFactorIsAskedForWhateverTheProviderSays) {
  const std::string secret = add_totp("ann@example.test");
  plane.clock.moved += 30s;
  provider.change = [](Json&, Json& claims) {
    claims["acr"] = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
    claims["amr"] = {"mfa", "hwk"};
  };
  const auto step = log_in();
  ASSERT_TRUE(step) << describe(step.error());
  EXPECT_FALSE(step->done);
  ASSERT_TRUE(step->half);
  EXPECT_EQ(code(finish_login(context, step->half->ticket,
                              {.factor = Factor::totp, .code = Secret("000000")}, {}, stranger)),
            "factor_failed");
  const auto done =
      finish_login(context, step->half->ticket,
                   {.factor = Factor::totp, .code = Secret(totp_code(secret))}, {}, stranger);
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(done->strength, Strength::multi_factor);
  EXPECT_EQ(done->kind, LoginFacts::Kind::session);
}

TEST_F(OutsideLoginTest, AnAdministratorNeedsASecondFactor) {
  provider.person["email"] = "admin@example.test";
  EXPECT_EQ(code(log_in()), "outside_factor_needed");
  add_totp("admin@example.test");
  const auto step = log_in();
  ASSERT_TRUE(step) << describe(step.error());
  EXPECT_TRUE(step->half);
}

TEST_F(OutsideLoginTest, OnlyAddressesOfTheAllowedDomainsCount) {
  provider.introduce(plane, {{"PODPLAY_OUTSIDE_LOGIN_DOMAINS", "elsewhere.test, company.test"}});
  EXPECT_EQ(code(log_in()), "outside_address_refused");
  set_recovery_address("ann@example.test", "ann@company.test");
  provider.person["email"] = "ann@company.test";
  EXPECT_EQ(code(log_in()), "fine");
}

TEST_F(OutsideLoginTest, AnAnswerOfAnotherProviderIsRefused) {
  auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
  answer.issuer = "https://evil.test";
  EXPECT_EQ(code(finish(answer)), "outside_refused");
  answer = provider.visit(begin_outside_login(context, "browser-1").value());
  answer.issuer = "";
  EXPECT_EQ(code(finish(answer)), "outside_refused") << "it says that its answers name it";
}

TEST_F(OutsideLoginTest, NewKeysAreFetchedWhenAnUnknownOneIsNamed) {
  EXPECT_EQ(code(log_in()), "fine");
  EXPECT_EQ(code(log_in()), "fine");
  EXPECT_EQ(provider.requests["/keys"], 1);
  EXPECT_EQ(provider.requests["/.well-known/openid-configuration"], 1);
  provider.key = net::make_private_key().value();
  provider.key_id = "second";
  EXPECT_EQ(code(log_in()), "id_token_refused") << "they were asked for within this minute";
  plane.clock.moved += 61s;
  provider.change = [](Json&, Json& claims) {
    for (const char* name : {"iat", "exp"}) {
      claims[name] = claims[name].get<std::int64_t>() + 61;
    }
  };
  EXPECT_EQ(code(log_in()), "fine");
  EXPECT_EQ(provider.requests["/keys"], 2);
}

TEST_F(OutsideLoginTest, AProviderThatIsNotRightIsNotUsed) {
  const std::string path = "/.well-known/openid-configuration";
  const Json good{{"issuer", provider.issuer},
                  {"authorization_endpoint", provider.issuer + "/authorize"},
                  {"token_endpoint", provider.issuer + "/token"},
                  {"jwks_uri", provider.issuer + "/keys"}};
  const auto with = [&](const char* member, const Json& value) {
    provider.documents[path] = good;
    provider.documents[path][member] = value;
    plane.clock.moved += 11s;
    return code(begin_outside_login(context, "browser-1"));
  };
  EXPECT_EQ(with("issuer", provider.issuer + "/"), "outside_unavailable");
  EXPECT_EQ(with("token_endpoint", "http://127.0.0.1/token"), "outside_unavailable");
  EXPECT_EQ(with("authorization_endpoint", "javascript:alert(1)"), "outside_unavailable");
  EXPECT_EQ(with("jwks_uri", Json()), "outside_unavailable");
  provider.documents[path] = good;
  EXPECT_EQ(code(begin_outside_login(context, "browser-1")), "outside_unavailable")
      << "a failure is remembered for some seconds";
  EXPECT_EQ(provider.requests[path], 4);
  EXPECT_EQ(with("x", 1), "fine");
  provider.documents["/keys"] = {{"keys", Json::array()}};
  EXPECT_EQ(code(log_in()), "outside_unavailable");
}

TEST_F(OutsideLoginTest, AServerOfAnotherCaIsNotTalkedTo) {
  FakeProvider other;
  test::Plane::must(
      plane.files.write_atomic(plane.paths.overrides + "/provider.pem", other.ca, 0644, {}));
  EXPECT_EQ(code(begin_outside_login(context, "browser-1")), "outside_unavailable");
  EXPECT_TRUE(provider.requests.empty());
}

TEST_F(OutsideLoginTest, AWrongClientSecretIsTheAdministratorsMatter) {
  provider.introduce(plane, {{"PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET", "wrong"}});
  const auto step = log_in();
  EXPECT_EQ(code(step), "outside_unavailable");
  EXPECT_NE(why(step).find("PODPLAY_OUTSIDE_LOGIN_CLIENT_SECRET"), std::string::npos);
  EXPECT_EQ(why(step).find("wrong"), std::string::npos);
}

TEST_F(OutsideLoginTest, OneClientCannotAskWithoutEnd) {
  const Actor client = Actor::anonymous("", "192.0.2.7");
  std::string last = "fine";
  int done = 0;
  while (last == "fine" && done < 100) {
    const auto answer = provider.visit(begin_outside_login(context, "browser-1").value());
    last = code(finish_outside_login(
        context, "browser-1", {.state = answer.state, .code = answer.code, .issuer = answer.issuer},
        {.kind = LoginFacts::Kind::session}, client));
    done += last == "fine" ? 1 : 0;
  }
  EXPECT_EQ(last, "too_many_requests");
  EXPECT_EQ(done, 60);
}

TEST_F(OutsideLoginTest, WithoutTheSettingNobodyLogsInSo) {
  EXPECT_TRUE(offer_outside_login(context.settings).available);
  EXPECT_EQ(offer_outside_login(context.settings).name, "127.0.0.1");
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"}}).value();
  EXPECT_FALSE(offer_outside_login(context.settings).available);
  EXPECT_EQ(code(begin_outside_login(context, "browser-1")), "outside_login_off");
  EXPECT_EQ(code(finish({.state = "x"})), "outside_login_off");
}

}  // namespace
}  // namespace podplay::control
