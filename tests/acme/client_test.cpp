// Requests to an authority that does what authorities may do, and what they should not.
#include "acme/client.hpp"

#include <gtest/gtest.h>

#include "acme/account.hpp"
#include "acme/certificate.hpp"
#include "acme/fake_authority.hpp"
#include "acme/order.hpp"
#include "acme/problem.hpp"
#include "acme/renewal.hpp"
#include "acme/revocation.hpp"

namespace podplay::acme {
namespace {

using namespace std::chrono_literals;
using test::FakeAuthority;

Json order_json(const FakeAuthority& authority, const std::string& status) {
  return {{"status", status},
          {"identifiers", {{{"type", "dns"}, {"value", "a.test"}}}},
          {"authorizations", Json::array()},
          {"finalize", authority.url("/finalize")}};
}

TEST(Client, ABadNonceIsFollowedByTheOneInTheError) {
  FakeAuthority authority;
  const auto client = authority.client();
  int left = 3;
  authority.handlers["/x"] = [&](const auto&) {
    return left-- > 0 ? FakeAuthority::problem(400, "badNonce", "old",
                                               {{"Replay-Nonce", "fresh" + std::to_string(left)}})
                      : FakeAuthority::json(200, Json::object());
  };
  ASSERT_TRUE(client->post(authority.url("/x"), Json::object(), "try"));
  const auto asked = authority.asked("/x");
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_EQ(asked[1].header["nonce"], "fresh2");
  EXPECT_EQ(asked[3].header["nonce"], "fresh0");
  EXPECT_EQ(asked[3].header["url"], authority.url("/x"));
  EXPECT_EQ(asked[3].header["kid"], authority.url("/account/1"));
  EXPECT_FALSE(asked[3].header.contains("jwk"));
}

TEST(Client, BadNoncesForeverAreAnErrorThatPasses) {
  FakeAuthority authority;
  const auto client = authority.client();
  authority.handlers["/x"] = [](const auto&) { return FakeAuthority::problem(400, "badNonce"); };
  const auto answer = client->post(authority.url("/x"), Json::object(), "try");
  ASSERT_FALSE(answer);
  EXPECT_TRUE(is_passing(answer.error()));
  EXPECT_EQ(authority.asked("/x").size(), 20U);
}

TEST(Client, ANonceIsUsedOnce) {
  FakeAuthority authority;
  const auto client = authority.client();
  authority.handlers["/x"] = [](const auto&) { return FakeAuthority::json(200, Json::object()); };
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client->post_as_get(authority.url("/x"), "try"));
  }
  std::set<std::string> nonces;
  for (const auto& asked : authority.asked("/x")) {
    nonces.insert(asked.header["nonce"]);
    EXPECT_TRUE(asked.payload.is_null());
  }
  EXPECT_EQ(nonces.size(), 3U);
  EXPECT_EQ(authority.asked("/newNonce").size(), 0U) << "each answer brings one";
  authority.gives_nonces = false;
  ASSERT_TRUE(client->post_as_get(authority.url("/x"), "try")) << "the last one is left";
  EXPECT_EQ(client->post_as_get(authority.url("/x"), "try").error().code, "acme_no_nonce");
  EXPECT_EQ(authority.asked("/newNonce").size(), 1U);
}

TEST(Client, RetryAfterIsSecondsOrADate) {
  FakeAuthority authority;
  const auto client = authority.client();
  std::string value;
  authority.handlers["/x"] = [&](const auto&) {
    return FakeAuthority::problem(429, "rateLimited", "slow down", {{"Retry-After", value}});
  };
  const auto wait = [&](std::string text) {
    value = std::move(text);
    return client->post_as_get(authority.url("/x"), "try").error().retry_after;
  };
  EXPECT_EQ(wait("120"), 120s);
  EXPECT_EQ(wait("soon"), 0s);
  EXPECT_EQ(wait("-5"), 0s);
  EXPECT_EQ(wait("4000000000"), std::chrono::days(30)) << "bounded";
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
  const auto later = std::chrono::floor<std::chrono::seconds>(authority.clock.now()) + 90s;
  const std::time_t at = std::chrono::system_clock::to_time_t(later);
  char date[64] = "";
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&at));
  EXPECT_NEAR(static_cast<double>(wait(date).count()), 90, 1);
}

TEST(Client, WhatIsNoAcmeIsAnError) {
  FakeAuthority authority;
  const auto client = authority.client();
  authority.handlers["/page"] = [](const auto&) {
    return net::HttpResponse{503, {{"Content-Type", "text/html"}}, "<h1>Maintenance</h1>"};
  };
  const auto away = client->post_as_get(authority.url("/page"), "try");
  EXPECT_EQ(away.error().message, "cannot try: the authority says: the answer was HTTP 503");
  EXPECT_TRUE(is_passing(away.error()));
  authority.handlers["/moved"] = [](const auto&) {
    return net::HttpResponse{302, {{"Location", "/elsewhere"}}, ""};
  };
  EXPECT_EQ(client->get(authority.url("/moved"), "try").error().code, "acme_unexpected");
  authority.handlers["/large"] = [](const auto&) {
    return net::HttpResponse{200, {}, std::string(2 << 20, 'x')};
  };
  EXPECT_EQ(client->get(authority.url("/large"), "try").error().code, "answer_too_large");
  EXPECT_EQ(client->get("http://127.0.0.1/", "try").error().code, "acme_bad_url");
}

TEST(Client, TheAuthoritysOwnCertificateIsVerified) {
  FakeAuthority authority;
  auto options = authority.options();
  options.ca.clear();
  const auto client = Client::open(options, authority.clock, silent_logger());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, "tls");
  EXPECT_TRUE(is_passing(client.error()));
}

TEST(Account, TermsAndExternalAccountsAreAskedForBefore) {
  FakeAuthority authority;
  authority.directory["meta"] = {{"termsOfService", "https://ca.test/terms"},
                                 {"externalAccountRequired", true}};
  const auto client = authority.client();
  const Secret key = net::make_private_key().value();
  const auto refused = create_account(*client, key, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().faults.size(), 2U);
  EXPECT_EQ(refused.error().faults[0].code, "terms_not_agreed");
  EXPECT_NE(refused.error().faults[0].message.find("https://ca.test/terms"), std::string::npos);
  EXPECT_EQ(refused.error().faults[1].code, "external_account_missing");
  EXPECT_EQ(authority.asked("/newAccount").size(), 0U);

  authority.handlers["/newAccount"] = [](const auto&) {
    return FakeAuthority::json(201, {{"status", "valid"}, {"contact", {"mailto:me@a.test"}}},
                               {{"Location", "/account/7"}});
  };
  // As RFC 8555 section 7.3.4 says; the secret is that of RFC 7515 A.1, with padding.
  const auto external = parse_external_account(
      "kid-1",
      Secret("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAz"
             "Zr1Z9CAow=="));
  ASSERT_TRUE(external) << describe(external.error());
  const auto account = create_account(
      *client, key, {.emails = {"me@a.test"}, .terms_agreed = true, .external = *external});
  ASSERT_TRUE(account) << describe(account.error());
  EXPECT_EQ(account->url, authority.url("/account/7"));
  EXPECT_EQ(client->account().account, account->url);
  const auto asked = authority.asked("/newAccount").at(0);
  EXPECT_EQ(asked.header["jwk"], public_jwk(key).value());
  EXPECT_FALSE(asked.header.contains("kid"));
  EXPECT_EQ(asked.payload["contact"], Json::array({"mailto:me@a.test"}));
  const Json binding = asked.payload["externalAccountBinding"];
  EXPECT_EQ(from_base64url(binding["payload"].get<std::string>()).value(),
            public_jwk(key).value().dump());
  const std::string input =
      binding["protected"].get<std::string>() + "." + binding["payload"].get<std::string>();
  EXPECT_EQ(binding["signature"], base64url(hmac_sha256(external->key, input)));

  EXPECT_EQ(parse_external_account("", Secret("%")).error().faults.size(), 2U);
  EXPECT_EQ(
      create_account(*client, key,
                     {.emails = {"not an address"}, .terms_agreed = true, .external = *external})
          .error()
          .code,
      "bad_email");
}

TEST(Account, OneThatEndedIsNotUsed) {
  FakeAuthority authority;
  const auto client = authority.client();
  authority.handlers["/newAccount"] = [](const auto&) {
    return FakeAuthority::json(200, {{"status", "deactivated"}}, {{"Location", "/account/7"}});
  };
  EXPECT_EQ(find_account(*client, net::make_private_key().value()).error().code,
            "acme_account_ended");
  EXPECT_EQ(authority.asked("/newAccount").at(0).payload, Json({{"onlyReturnExisting", true}}));
}

TEST(Order, AReplacementThatIsRefusedIsOrderedAnew) {
  for (const char* type : {"alreadyReplaced", "malformed", "unauthorized", "serverInternal"}) {
    FakeAuthority authority;
    authority.directory["renewalInfo"] = authority.url("/ari");
    const auto client = authority.client();
    authority.handlers["/newOrder"] = [&](const auto& asked) {
      return asked.payload.contains("replaces")
                 ? FakeAuthority::problem(409, type)
                 : FakeAuthority::json(201, order_json(authority, "pending"),
                                       {{"Location", authority.url("/order/1")}});
    };
    const auto order = new_order(*client, {.identifiers = parse_identifiers({"a.test"}).value(),
                                           .replaces = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"});
    ASSERT_TRUE(order) << describe(order.error());
    EXPECT_EQ(order->url, authority.url("/order/1"));
    EXPECT_EQ(authority.asked("/newOrder").size(), 2U);
  }
}

TEST(Order, ALimitIsNoReasonToOrderTwice) {
  FakeAuthority authority;
  authority.directory["renewalInfo"] = authority.url("/ari");
  const auto client = authority.client();
  authority.handlers["/newOrder"] = [](const auto&) {
    return FakeAuthority::problem(429, "rateLimited", "too many", {{"Retry-After", "3600"}});
  };
  const auto order =
      new_order(*client, {.identifiers = parse_identifiers({"a.test"}).value(), .replaces = "a.b"});
  EXPECT_EQ(order.error().retry_after, 1h);
  EXPECT_EQ(authority.asked("/newOrder").size(), 1U);
}

TEST(Order, ReplacingIsNotSaidToAnAuthorityWithoutRenewalInformation) {
  FakeAuthority authority;
  const auto client = authority.client();
  authority.handlers["/newOrder"] = [&](const auto&) {
    return FakeAuthority::json(201, order_json(authority, "pending"), {{"Location", "/order/1"}});
  };
  ASSERT_TRUE(new_order(*client,
                        {.identifiers = parse_identifiers({"a.test"}).value(), .replaces = "a.b"}));
  EXPECT_FALSE(authority.asked("/newOrder").at(0).payload.contains("replaces"));
}

TEST(Order, AProfileMustBeOffered) {
  FakeAuthority authority;
  authority.directory["meta"] = {{"profiles", {{"classic", "c"}, {"shortlived", "s"}}}};
  const auto client = authority.client();
  authority.handlers["/newOrder"] = [&](const auto&) {
    return FakeAuthority::json(201, order_json(authority, "pending"), {{"Location", "/order/1"}});
  };
  const auto ids = parse_identifiers({"a.test"}).value();
  const auto refused = new_order(*client, {.identifiers = ids, .profile = "eternal"});
  EXPECT_EQ(refused.error().code, "acme_profile_unknown");
  EXPECT_EQ(refused.error().remedy, "use one of classic, shortlived");
  ASSERT_TRUE(new_order(*client, {.identifiers = ids, .profile = "shortlived"}));
  EXPECT_EQ(authority.asked("/newOrder").at(0).payload["profile"], "shortlived");
}

// A chain of the test's own authority. `root` signs it.
std::string chain_of(const std::string& root, const Secret& key, WallTime now) {
  const auto authority = net::make_authority(root, std::chrono::days(1), now).value();
  return net::issue_certificate(authority, key, "leaf", {"a.test"}, 1h, now).value();
}

TEST(Certificate, TheChainOfTheChosenRootIsTaken) {
  FakeAuthority authority;
  const auto client = authority.client();
  const Secret key = net::make_private_key().value();
  const auto serve = [&](const std::string& path, const std::string& root, net::Headers headers) {
    const std::string pem = chain_of(root, key, authority.clock.now());
    authority.handlers[path] = [pem, headers](const auto&) {
      return net::HttpResponse{200, headers, pem};
    };
  };
  serve("/cert", "Root One",
        {{"Link", "<" + authority.url("/directory") + ">;rel=\"index\", <" +
                      authority.url("/cert/1") + ">;rel=\"alternate\""}});
  serve("/cert/1", "Root Two", {});
  const auto issuer = [&](const std::string& root) {
    const auto chain = download_certificate(*client, authority.url("/cert"), root);
    return chain ? net::read_certificate(chain->front())->issuer : describe(chain.error());
  };
  EXPECT_EQ(issuer(""), "Root One");
  EXPECT_EQ(issuer("Root Two"), "Root Two");
  EXPECT_EQ(issuer("Root Three"), "Root One") << "a certificate is better than none";
  EXPECT_EQ(authority.asked("/cert").at(0).payload, Json());
}

TEST(Certificate, IsCheckedBeforeAnythingUsesIt) {
  test::ManualClock clock;
  const WallTime now = clock.now();
  const Secret key = net::make_private_key().value();
  const auto ca = net::make_authority("Root", std::chrono::days(9), now).value();
  const std::string leaf =
      net::issue_certificate(ca, key, "leaf", {"a.test", "192.0.2.1"}, 1h, now).value();
  const auto ids = parse_identifiers({"a.test", "192.0.2.1"}).value();
  const auto code = [&](const Chain& chain, const Secret& used, const auto& wanted, WallTime at) {
    const auto checked = check_issued(chain, used, wanted, at);
    return checked ? std::string("fine") : checked.error().code;
  };
  EXPECT_EQ(code({leaf, ca.certificate}, key, ids, now), "fine");
  EXPECT_EQ(code({leaf}, key, ids, now), "incomplete_chain");
  EXPECT_EQ(code({}, key, ids, now), "no_certificate");
  EXPECT_EQ(code({leaf}, net::make_private_key().value(), ids, now), "key_mismatch");
  EXPECT_EQ(code({leaf}, key, parse_identifiers({"a.test", "b.test"}).value(), now), "other_names");
  EXPECT_EQ(code({leaf, ca.certificate}, key, parse_identifiers({"a.test"}).value(), now), "fine")
      << "an authority may add names";
  EXPECT_EQ(code({leaf}, key, ids, now + 2h), "not_valid_now");
  const auto other = net::make_authority("Root", std::chrono::days(9), now).value();
  EXPECT_EQ(code({leaf, other.certificate}, key, ids, now), "broken_chain")
      << "the same name and another key";
}

TEST(Revocation, RevokedTwiceIsRevoked) {
  FakeAuthority authority;
  const auto client = authority.client();
  const Secret key = net::make_private_key().value();
  const std::string pem = chain_of("Root", key, authority.clock.now());
  authority.handlers["/revokeCert"] = [](const auto&) {
    return FakeAuthority::problem(400, "alreadyRevoked");
  };
  EXPECT_TRUE(revoke_certificate(*client, pem, RevocationReason::superseded));
  EXPECT_TRUE(revoke_with_key(*client, pem, key, RevocationReason::key_compromise));
  const auto asked = authority.asked("/revokeCert");
  EXPECT_EQ(asked.at(0).payload["reason"], 4);
  EXPECT_TRUE(asked.at(0).header.contains("kid"));
  EXPECT_EQ(asked.at(1).header["jwk"], public_jwk(key).value());
  EXPECT_EQ(parse_revocation_reason(to_text(RevocationReason::superseded)),
            RevocationReason::superseded);
  EXPECT_FALSE(parse_revocation_reason("bored"));
}

TEST(Renewal, TheWindowIsAskedWithoutASignature) {
  FakeAuthority authority;
  const std::string id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
  EXPECT_EQ(get_renewal_window(*authority.client(), id).error().code, "no_renewal_info");
  authority.directory["renewalInfo"] = authority.url("/ari/");
  const auto client = authority.client();
  // RFC 9773 section 4.2.
  Json body = Json::parse(R"({
    "suggestedWindow": {"start": "2025-01-02T04:00:00Z", "end": "2025-01-03T04:00:00Z"},
    "explanationURL": "https://acme.example.com/docs/ari"})");
  std::string retry_after = "21600";
  authority.handlers["/ari/" + id] = [&](const auto&) {
    return FakeAuthority::json(200, body, {{"Retry-After", retry_after}});
  };
  const auto window = get_renewal_window(*client, id);
  ASSERT_TRUE(window) << describe(window.error());
  EXPECT_EQ(to_rfc3339(window->start), "2025-01-02T04:00:00.000Z");
  EXPECT_EQ(window->end - window->start, 24h);
  EXPECT_EQ(window->explanation, "https://acme.example.com/docs/ari");
  EXPECT_EQ(window->ask_again, 6h);
  retry_after = "0";
  EXPECT_EQ(get_renewal_window(*client, id)->ask_again, 1min);
  retry_after = "9999999";
  EXPECT_EQ(get_renewal_window(*client, id)->ask_again, 24h);
  body["suggestedWindow"]["end"] = "2025-01-02T03:00:00Z";
  EXPECT_FALSE(get_renewal_window(*client, id)) << "it ends before it starts";
}

}  // namespace
}  // namespace podplay::acme
