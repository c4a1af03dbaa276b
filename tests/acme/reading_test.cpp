// What an authority may send, and how it is read: links, problems, directories, names, challenges.
#include "acme/reading.hpp"

#include <gtest/gtest.h>

#include "acme/authorization.hpp"
#include "acme/directory.hpp"
#include "acme/nonces.hpp"
#include "acme/problem.hpp"

namespace podplay::acme {
namespace {

using Texts = std::vector<std::string>;

TEST(Reading, LinksAreFoundByRelation) {
  // RFC 8555 section 7.4.2, as the HTTP client joins three headers.
  const std::string header =
      "<https://example.com/acme/directory>;rel=\"index\", "
      "<https://example.com/acme/cert/1>;rel=\"alternate\", "
      "<https://example.com/a,b;c>; title=\"x, y\"; rel=alternate,"
      "<https://example.com/up>;rel=\"up next\"";
  EXPECT_EQ(links(header, "alternate"),
            (Texts{"https://example.com/acme/cert/1", "https://example.com/a,b;c"}));
  EXPECT_EQ(links(header, "next"), Texts{"https://example.com/up"});
  EXPECT_EQ(links(header, "terms"), Texts{});
  for (const char* broken : {"", ",", "<", "<a", "<a>;", "<a>;rel", "<a>;rel=\"", "x, <a>;rel=b"}) {
    EXPECT_EQ(links(broken, "alternate"), Texts{}) << broken;
  }
}

TEST(Reading, MembersOfOtherTypesCountAsMissing) {
  const Json json = Json::parse(R"({"a": 1, "b": ["x", 2], "c": "text", "d": {"e": null}})");
  EXPECT_EQ(text_at(json, "a"), "");
  EXPECT_EQ(text_at(json, "c"), "text");
  EXPECT_EQ(texts_at(json, "b"), Texts{"x"});
  EXPECT_EQ(texts_at(json, "c"), Texts{});
  EXPECT_EQ(text_at(Json(), "c"), "");
  EXPECT_EQ(text_at(Json(5), "c"), "");
  EXPECT_FALSE(flag_at(json, "c"));
  EXPECT_EQ(number_at(json, "a"), 1);
  EXPECT_EQ(map_at(json, "d").at("e"), "");
}

TEST(Problem, NamesOfSubproblemsBecomeFaults) {
  // RFC 8555 section 6.7.1.
  const Json json = Json::parse(R"({
    "type": "urn:ietf:params:acme:error:malformed",
    "detail": "Some of the identifiers requested were rejected",
    "subproblems": [
      {"type": "urn:ietf:params:acme:error:malformed",
       "detail": "Invalid underscore in DNS name \"_example.org\"",
       "identifier": {"type": "dns", "value": "_example.org"}},
      {"type": "urn:ietf:params:acme:error:rejectedIdentifier",
       "detail": "This CA will not issue for \"example.net\"",
       "identifier": {"type": "dns", "value": "example.net"}}]})");
  const Error error = to_error(problem_from(json, 400), "order a certificate");
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_EQ(error.code, "acme_malformed");
  EXPECT_EQ(
      error.message,
      "cannot order a certificate: the authority says: Some of the identifiers requested were "
      "rejected");
  ASSERT_EQ(error.faults.size(), 2U);
  EXPECT_EQ(error.faults[0].field, "_example.org");
  EXPECT_EQ(error.faults[1].code, "acme_rejected_identifier");
  EXPECT_NE(error.faults[1].remedy, "");
}

TEST(Problem, KindsSayWhetherWaitingHelps) {
  const auto error = [](const char* type, int status) {
    return to_error({.type = type, .detail = "too many\n certificates", .status = status}, "order",
                    std::chrono::seconds(3600));
  };
  const Error limited = error("rateLimited", 429);
  EXPECT_EQ(limited.code, "acme_rate_limited");
  EXPECT_TRUE(is_passing(limited));
  EXPECT_EQ(limited.retry_after, std::chrono::hours(1));
  EXPECT_EQ(limited.message,
            "cannot order: the authority says: too many  certificates; it takes the next try in "
            "3600 s");
  EXPECT_TRUE(is_passing(error("", 503)));
  EXPECT_TRUE(is_passing(error("serverInternal", 500)));
  EXPECT_FALSE(is_passing(error("caa", 403)));
  EXPECT_FALSE(is_passing(error("", 404)));
  EXPECT_EQ(error("badCSR", 400).code, "acme_bad_csr");
  EXPECT_EQ(error("https://other.test/type", 400).code, "acme_https___other_test_type");
}

TEST(Directory, ReadsTheExampleOfRfc8555) {
  // Section 7.1.1, with renewalInfo of RFC 9773.
  Json json = Json::parse(R"({
    "newNonce": "https://example.com/acme/new-nonce",
    "newAccount": "https://example.com/acme/new-account",
    "newOrder": "https://example.com/acme/new-order",
    "newAuthz": "https://example.com/acme/new-authz",
    "revokeCert": "https://example.com/acme/revoke-cert",
    "keyChange": "https://example.com/acme/key-change",
    "renewalInfo": "https://example.com/acme/renewal-info",
    "meta": {
      "termsOfService": "https://example.com/acme/terms/2017-5-30",
      "website": "https://www.example.com/",
      "caaIdentities": ["example.com"],
      "profiles": {"shortlived": "160 hours"},
      "externalAccountRequired": false}})");
  const auto read = directory_from(json, "https://example.com/directory");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->terms, "https://example.com/acme/terms/2017-5-30");
  EXPECT_EQ(read->caa_identities, Texts{"example.com"});
  EXPECT_TRUE(read->profiles.contains("shortlived"));
  EXPECT_FALSE(read->external_account_required);
  EXPECT_EQ(read->renewal_info, "https://example.com/acme/renewal-info");
  json["newOrder"] = "http://example.com/acme/new-order";
  EXPECT_EQ(directory_from(json, "https://example.com/directory").error().code,
            "acme_bad_directory");
  EXPECT_FALSE(directory_from(Json(), "https://example.com/directory"));
}

TEST(Directory, KnownAuthoritiesHaveNames) {
  EXPECT_EQ(directory_url("letsencrypt-staging").value(),
            "https://acme-staging-v02.api.letsencrypt.org/directory");
  EXPECT_EQ(directory_url("https://127.0.0.1:14000/dir").value(), "https://127.0.0.1:14000/dir");
  for (const char* wrong : {"", "http://ca.test/dir", "zerossl", "https://", "https://a b/"}) {
    EXPECT_FALSE(directory_url(wrong)) << wrong;
  }
}

TEST(Identifier, NamesWildcardsAndAddresses) {
  const auto all =
      parse_identifiers({"b.test", "*.A.test", "b.test", "192.0.2.1", "2001:DB8:0::1"});
  ASSERT_TRUE(all) << describe(all.error());
  EXPECT_EQ(texts_of(*all), (Texts{"*.a.test", "192.0.2.1", "2001:db8::1", "b.test"}));
  EXPECT_EQ(to_json(all->at(1)).dump(), R"({"type":"ip","value":"192.0.2.1"})");
  EXPECT_EQ(to_json(all->at(0)).dump(), R"({"type":"dns","value":"*.a.test"})");
  EXPECT_EQ(all->at(0).base(), "a.test");
  // RFC 8738 section 6, RFC 3596 section 2.5.
  EXPECT_EQ(all->at(1).server_name(), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(all->at(2).server_name(),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  const auto wrong =
      parse_identifiers({"a_b.test", "*.*.a.test", "good.test", "a.test,IP:1.2.3.4"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().faults.size(), 3U);
  EXPECT_EQ(parse_identifiers({}).error().code, "names_missing");
}

TEST(Challenge, OfTheExamplesOfRfc8555) {
  const Placement placement{.type = ChallengeType::dns_01,
                            .identifier = "*.www.example.org",
                            .token = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowjxAjEuX0",
                            .key_authorization =
                                "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowjxAjEuX0.9jg46WB3rR_AHD-"
                                "EBXdN7cBkH1WOu0tA3M9fm21mqTI",
                            .challenge_url = ""};
  EXPECT_EQ(http_path(placement),
            "/.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowjxAjEuX0");
  EXPECT_EQ(txt_name(placement), "_acme-challenge.www.example.org");
  EXPECT_EQ(txt_value(placement), "GfQVXYonu6aSy-_YjU1CiuiHvnwYuEZRIDpLdsTn49g");
}

TEST(Challenge, ATokenCannotLeaveItsFolder) {
  Json json = Json::parse(R"({"type": "http-01", "url": "https://ca.test/c", "status": "pending",
                              "token": "DGyRejmCefe7v4NfDGDKfA"})");
  ASSERT_TRUE(challenge_from(json));
  for (const std::string& token :
       Texts{"", "../../etc/passwd", "a b", "a.b", std::string(201, 'a')}) {
    json["token"] = token;
    EXPECT_FALSE(challenge_from(json)) << token;
  }
}

TEST(Challenge, WhatEachTypeCanDo) {
  const auto possible = [](ChallengeType type, const char* name) {
    return is_possible(type, Identifier::parse(name).value());
  };
  EXPECT_TRUE(possible(ChallengeType::dns_01, "*.a.test"));
  EXPECT_FALSE(possible(ChallengeType::http_01, "*.a.test"));
  EXPECT_FALSE(possible(ChallengeType::tls_alpn_01, "*.a.test"));
  EXPECT_FALSE(possible(ChallengeType::dns_01, "192.0.2.1"));
  EXPECT_TRUE(possible(ChallengeType::http_01, "192.0.2.1"));
}

TEST(Nonces, TheNewestIsTakenFirstAndOnce) {
  NoncePool pool;
  EXPECT_FALSE(pool.take());
  pool.put("one");
  pool.put("two");
  // RFC 8555 section 6.5: one that is no base64url is ignored.
  pool.put("");
  pool.put("not/base64url");
  EXPECT_EQ(pool.take(), "two");
  EXPECT_EQ(pool.take(), "one");
  EXPECT_FALSE(pool.take());
  for (int i = 0; i < 100; ++i) {
    pool.put(std::to_string(i));
  }
  EXPECT_EQ(pool.size(), 16U);
  EXPECT_EQ(pool.take(), "99");
}

}  // namespace
}  // namespace podplay::acme
