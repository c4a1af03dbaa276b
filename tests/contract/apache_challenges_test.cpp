// Challenges of certificate authorities, answered by a real Apache that is never reloaded.
// PODPLAY_CHALLENGES=500 makes the last test a measurement.
#include "daemons/apache_challenges.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/apache_server.hpp"
#include "daemons/row_tools.hpp"
#include "model/feed_rows.hpp"
#include "net/http.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kPath = "/.well-known/acme-challenge/";
constexpr auto kTimeout = 5000ms;

class RealApacheChallenges : public testing::Test {
 protected:
  RealApacheChallenges()
      : challenges_({.folder = apache_.path("data/service/challenges"),
                     // Only root starts workers of another user.
                     .group = ::geteuid() == 0 ? "www-data" : "",
                     .http_port = apache_.http_port,
                     .https_port = apache_.https_port}) {
    EXPECT_TRUE(challenges_.prepare());
  }

  void apply(const FeedRow& row) {
    const RowVerdict verdict = challenges_.apply(tools_.tools, std::vector{row}).at(0);
    EXPECT_EQ(verdict.state, RowState::done) << verdict.words;
  }
  std::string prove(const FeedRow& row) {
    const RowVerdict verdict = challenges_.prove(std::vector{row}, kTimeout).at(0);
    EXPECT_EQ(verdict.state == RowState::done, verdict.words.empty());
    return verdict.words;
  }
  net::HttpResponse ask(const std::string& host, const std::string& target,
                        const std::string& method = "GET") {
    const auto client = net::HttpClient::make(
        {.base_url = "http://127.0.0.1:" + std::to_string(apache_.http_port)});
    const auto answer =
        (*client)->send({.method = method, .path = target, .headers = {{"Host", host}}});
    EXPECT_TRUE(answer) << describe(answer.error());
    return answer.value_or(net::HttpResponse{.status = 0});
  }
  // The status line and the body of an answer over TLS.
  std::pair<std::string, std::string> ask_tls(const std::string& host, const std::string& target) {
    auto client = net::LineClient::connect("127.0.0.1", apache_.https_port, kTimeout);
    EXPECT_TRUE((*client)->start_tls(host));
    EXPECT_TRUE((*client)->send_raw("GET " + target + " HTTP/1.1\r\nHost: " + host +
                                    "\r\n\r\nGET /none HTTP/1.1\r\nHost: " + host +
                                    "\r\nConnection: close\r\n\r\n"));
    const std::string status = (*client)->read_line().value_or("");
    // The body has no end of line, so the status line of the second answer stands beside it.
    std::string line;
    do {
      line = (*client)->read_line().value_or("HTTP/");
    } while (!line.contains("HTTP/"));
    return {status, line.substr(0, line.find("HTTP/"))};
  }
  std::string fingerprint(const std::string& name, const std::string& protocol = "") {
    auto client = net::LineClient::connect("127.0.0.1", apache_.https_port, kTimeout);
    return (*client)->start_tls(name, protocol) ? (*client)->fingerprint() : "no handshake";
  }

  test::ApacheServer apache_;
  RealFiles files_;
  test::OwnRowTools tools_{files_};
  ApacheChallenges challenges_;
};

TEST_F(RealApacheChallenges, ATokenIsAnsweredOnEveryNameBeforeAnythingElse) {
  const std::string site = apache_.path("data/user-data/www/site.test/");
  ASSERT_TRUE(files_.make_dirs(site + ".well-known/acme-challenge", 0755));
  for (const char* token : {"token-1_A", "own"}) {
    const std::string file = site + ".well-known/acme-challenge/" + token;
    ASSERT_TRUE(files_.write_atomic(file, "the user's", 0644, {}));
  }
  const FeedRow row = test::http_challenge(1, "token-1_A", "site.test");
  const std::string target = std::string(kPath) + row.key;
  EXPECT_EQ(ask("site.test", target).status, 404);
  EXPECT_THAT(prove(row), HasSubstr("answers '' for the challenge token-1_A of site.test"));

  apply(row);
  EXPECT_EQ(prove(row), "");
  for (const char* host :
       {"site.test", "host.test", "unknown.test", "127.0.0.1", "[2001:db8::1]"}) {
    const auto answer = ask(host, target);
    EXPECT_EQ(answer.status, 200) << host;
    EXPECT_EQ(answer.body, "token-1_A.print") << host;
    EXPECT_EQ(answer.header("Content-Type"), "text/plain") << host;
  }
  for (const char* host : {"site.test", "host.test"}) {
    const auto [status, body] = ask_tls(host, target);
    EXPECT_EQ(status, "HTTP/1.1 200 OK") << host;
    EXPECT_EQ(body, "token-1_A.print") << host;
  }
  EXPECT_EQ(ask("site.test", target, "HEAD").body, "");
  EXPECT_EQ(ask("site.test", target, "HEAD").status, 200);

  const FeedRow gone = test::gone<ChallengeRow>(2, row.key);
  EXPECT_THAT(prove(gone), HasSubstr("still answers"));
  apply(gone);
  EXPECT_EQ(prove(gone), "");
  EXPECT_EQ(ask("site.test", target).status, 404);
}

TEST_F(RealApacheChallenges, WhatIsNotOursIsNotFoundOnPort80AndTheUsersOn443) {
  apply(test::tls_challenge(1, "secret", "a.test"));
  const std::string site = apache_.path("data/user-data/www/site.test/");
  ASSERT_TRUE(files_.make_dirs(site + ".well-known/acme-challenge", 0755));
  ASSERT_TRUE(files_.write_atomic(site + ".well-known/acme-challenge/own", "the user's", 0644, {}));
  for (const char* target : {"own", "", "..", "../tls/secret.pem", "..%2ftls%2fsecret.pem",
                             "%2e%2e/tls/secret.pem", "secret", "secret.pem", "own%00"}) {
    const auto answer = ask("site.test", kPath + std::string(target));
    EXPECT_NE(answer.status, 200) << target;
    EXPECT_EQ(answer.body.find("KEY"), std::string::npos) << target;
  }
  EXPECT_EQ(ask("site.test", std::string(kPath) + "own").status, 404);
  const auto [status, body] = ask_tls("site.test", std::string(kPath) + "own");
  EXPECT_EQ(status, "HTTP/1.1 200 OK");
  EXPECT_EQ(body, "the user's");
  EXPECT_EQ(ask("site.test", "/.well-known/other").status, 301);
}

TEST_F(RealApacheChallenges, AHandshakeOfAnAuthorityGetsTheCertificateOfItsChallenge) {
  const std::string usual = fingerprint("site.test");
  const std::string host = fingerprint("host.test");
  EXPECT_EQ(fingerprint("a.test", "acme-tls/1"), "no handshake");
  const FeedRow row = test::tls_challenge(1, "t", "a.test");
  const FeedRow of_site = test::tls_challenge(2, "u", "site.test");
  const FeedRow of_address = test::tls_challenge(3, "v", "192.0.2.1");
  for (const FeedRow& one : {row, of_site, of_address}) {
    apply(one);
    EXPECT_EQ(prove(one), "");
  }
  EXPECT_EQ(fingerprint("A.test", "acme-tls/1"), fingerprint("a.test", "acme-tls/1"));
  EXPECT_NE(fingerprint("1.2.0.192.in-addr.arpa", "acme-tls/1"), "no handshake");
  EXPECT_EQ(fingerprint("192.0.2.1.test", "acme-tls/1"), "no handshake");

  // Everybody else gets what they always get.
  EXPECT_EQ(fingerprint("site.test"), usual);
  EXPECT_EQ(fingerprint("site.test", "h2"), usual);
  EXPECT_EQ(fingerprint("a.test"), host);

  const FeedRow gone = test::gone<ChallengeRow>(4, "t");
  EXPECT_EQ(prove(gone), "") << "not told to be gone yet, and port 80 does not answer it";
  apply(gone);
  EXPECT_EQ(prove(gone), "");
  EXPECT_EQ(fingerprint("a.test", "acme-tls/1"), "no handshake");
  EXPECT_EQ(prove(of_site), "");
}

TEST_F(RealApacheChallenges, TheNewerChallengeOfANameIsShownAndProven) {
  const FeedRow older = test::tls_challenge(1, "older", "a.test");
  const FeedRow newer = test::tls_challenge(2, "newer", "a.test");
  apply(older);
  apply(newer);
  EXPECT_EQ(prove(newer), "");
  EXPECT_THAT(prove(older), HasSubstr("does not show the challenge older for a.test"));
  apply(test::gone<ChallengeRow>(3, "newer"));
  apply(older);
  EXPECT_EQ(prove(older), "");
}

TEST_F(RealApacheChallenges, NothingElseIsSaidAfterTheHandshakeOfAnAuthority) {
  apply(test::tls_challenge(1, "t", "a.test"));
  auto client = net::LineClient::connect("127.0.0.1", apache_.https_port, kTimeout);
  ASSERT_TRUE((*client)->start_tls("a.test", "acme-tls/1"));
  static_cast<void>((*client)->send_raw("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE((*client)->read_line());
}

TEST_F(RealApacheChallenges, ManyAtOnceAreAppliedAndProven) {
  const char* wanted = std::getenv("PODPLAY_CHALLENGES");
  const int count = wanted == nullptr ? 20 : std::atoi(wanted);
  for (const char* type : {"http-01", "tls-alpn-01"}) {
    std::vector<FeedRow> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(
          test::challenge(1, type, fmt::format("{}-{}", type, i), fmt::format("n{}.test", i)));
    }
    const auto began = std::chrono::steady_clock::now();
    const auto applied = challenges_.apply(tools_.tools, rows);
    const auto written = std::chrono::steady_clock::now();
    const auto proven = challenges_.prove(rows, kTimeout);
    const auto ended = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(applied[i].words, "");
      EXPECT_EQ(proven[i].words, "");
    }
    const auto each = [&](auto time) {
      return std::chrono::duration<double, std::milli>(time).count() / count;
    };
    fmt::print("{}: {:.2f} ms to apply and {:.2f} ms to prove a row, of {}\n", type,
               each(written - began), each(ended - written), count);
  }
}

}  // namespace
}  // namespace podplay::daemons
