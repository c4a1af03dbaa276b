// Challenges as files: what is written, what is refused, and what is removed. What Apache makes of
// them is in tests/contract.
#include "daemons/apache_challenges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.hpp"
#include "base/test_folder.hpp"
#include "daemons/row_tools.hpp"
#include "model/feed_rows.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApacheChallengesTest : public testing::Test {
 protected:
  ApacheChallengesTest() { EXPECT_TRUE(challenges_.prepare()); }

  static ChallengeOptions in(const std::string& folder) { return {.folder = folder, .group = ""}; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string read(const std::string& name) { return files_.read(path(name)).value_or("none"); }
  std::vector<std::string> list(const std::string& name) { return *files_.list(path(name)); }
  std::string fingerprint(const std::string& name) {
    const auto certificate = net::read_certificate(read(name));
    return certificate ? certificate->fingerprint : "none";
  }
  RowVerdict apply(const FeedRow& row) {
    return challenges_.apply(tools_.tools, std::vector{row}).at(0);
  }

  test::TestFolder folder_;
  RealFiles files_;
  test::OwnRowTools tools_{files_};
  ApacheChallenges challenges_{in(folder_.path())};
  std::string host_;
};

TEST_F(ApacheChallengesTest, TheAnswerOfHttpIsAFileWithoutAnEndOfLine) {
  EXPECT_EQ(apply(test::http_challenge(1, "tok-1_A", "a.test")).state, RowState::done);
  EXPECT_EQ(read("http/tok-1_A"), "tok-1_A.print");
  EXPECT_EQ(apply(test::gone<ChallengeRow>(2, "tok-1_A")).state, RowState::done);
  EXPECT_THAT(list("http"), IsEmpty());
  EXPECT_EQ(apply(test::gone<ChallengeRow>(2, "tok-1_A")).state, RowState::done) << "twice";
}

TEST_F(ApacheChallengesTest, WhatCouldLeaveItsFolderIsRefused) {
  for (const char* token : {"", ".", "..", "../a", "a/b", "a.b", "a b", "a\n", "\xc3\xa4"}) {
    const FeedRow row = test::http_challenge(1, token, "a.test");
    EXPECT_EQ(apply(row).state, RowState::refused) << token;
    EXPECT_EQ(apply(test::gone<ChallengeRow>(2, token)).state, RowState::done) << token;
  }
  EXPECT_EQ(apply(test::http_challenge(1, std::string(201, 'a'), "a.test")).state,
            RowState::refused);
  for (const char* name : {"", "../a", "a/b", "*.a.test", "a..b", "a b.test"}) {
    const FeedRow row = test::tls_challenge(1, "t", name);
    EXPECT_THAT(apply(row).words, HasSubstr("neither a name nor an address")) << name;
  }
  FeedRow row = test::http_challenge(1, "t", "a.test");
  auto& content = std::get<ChallengeRow>(row.content);
  for (const char* answer : {"", "t", "t.", "other.print", "t.a\nb", "t.<script>"}) {
    content.key_authorization = answer;
    EXPECT_THAT(apply(row).words, HasSubstr("does not fit its token")) << answer;
  }
  content = {.type = "dns-01", .identifier = "a.test", .key_authorization = "t.print"};
  EXPECT_THAT(apply(row).words, HasSubstr("not 'dns-01'"));
  EXPECT_THAT(list("http"), IsEmpty());
  EXPECT_THAT(list("tls"), IsEmpty());
  EXPECT_THAT(list("names"), IsEmpty());
}

TEST_F(ApacheChallengesTest, ACertificateIsMadeForTheName) {
  EXPECT_EQ(apply(test::tls_challenge(1, "t", "a.test")).words, "");
  const auto certificate = net::read_certificate(read("names/a.test"));
  ASSERT_TRUE(certificate) << describe(certificate.error());
  EXPECT_THAT(certificate->names, ElementsAre("a.test"));
  const std::string text = read("names/a.test");
  EXPECT_TRUE(net::check_key_matches(text, Secret(text)));
  struct stat info{};
  ASSERT_EQ(::stat(path("tls/t.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U) << "the key is Apache's alone";
  ASSERT_EQ(::stat(path("tls").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750U);
}

TEST_F(ApacheChallengesTest, AnAddressIsShownForItsReverseName) {
  apply(test::tls_challenge(1, "t", "192.0.2.1"));
  const auto certificate = net::read_certificate(read("names/1.2.0.192.in-addr.arpa"));
  ASSERT_TRUE(certificate) << describe(certificate.error());
  EXPECT_THAT(certificate->addresses, ElementsAre("192.0.2.1"));
}

TEST_F(ApacheChallengesTest, TheSameRowAgainKeepsItsCertificate) {
  const FeedRow row = test::tls_challenge(1, "t", "a.test");
  apply(row);
  const std::string before = fingerprint("names/a.test");
  ApacheChallenges restarted(in(folder_.path()));
  tools_.source.keep(row);
  EXPECT_EQ(restarted.apply(tools_.tools, std::vector{row}).at(0).state, RowState::done);
  EXPECT_EQ(fingerprint("names/a.test"), before);
  FeedRow changed = row;
  std::get<ChallengeRow>(changed.content).key_authorization = "t.another";
  apply(changed);
  EXPECT_NE(fingerprint("names/a.test"), before);
}

TEST_F(ApacheChallengesTest, OfTwoChallengesForANameTheNewerIsShown) {
  apply(test::tls_challenge(1, "old", "a.test"));
  apply(test::tls_challenge(2, "new", "a.test"));
  EXPECT_EQ(fingerprint("names/a.test"), fingerprint("tls/new.pem"));
  const RowVerdict verdict = apply(test::tls_challenge(1, "old", "a.test"));
  EXPECT_EQ(verdict.state, RowState::refused);
  EXPECT_EQ(verdict.words, "the newer challenge new is shown for a.test");
  apply(test::gone<ChallengeRow>(3, "old"));
  EXPECT_EQ(fingerprint("names/a.test"), fingerprint("tls/new.pem"));
  apply(test::gone<ChallengeRow>(4, "new"));
  EXPECT_THAT(list("names"), IsEmpty());
  EXPECT_THAT(list("tls"), IsEmpty());
}

TEST_F(ApacheChallengesTest, WhatTheReplicaDoesNotKnowIsRemovedOnce) {
  const FeedRow kept = test::http_challenge(1, "kept", "a.test");
  const FeedRow kept_tls = test::tls_challenge(2, "kept-tls", "a.test");
  apply(kept);
  apply(kept_tls);
  apply(test::http_challenge(3, "lost", "a.test"));
  apply(test::tls_challenge(4, "lost-tls", "b.test"));
  tools_.source.keep(kept);
  tools_.source.keep(kept_tls);
  ApacheChallenges restarted(in(folder_.path()));
  EXPECT_EQ(restarted.apply(tools_.tools, std::vector{kept}).at(0).state, RowState::done);
  EXPECT_THAT(list("http"), ElementsAre("kept"));
  EXPECT_THAT(list("tls"), ElementsAre("kept-tls.pem"));
  EXPECT_THAT(list("names"), ElementsAre("a.test"));
}

TEST_F(ApacheChallengesTest, ARowIsServedWhenPort80AnswersItByItsName) {
  std::string answer = "t.print";
  const auto web = net::HttpServer::start(
      {},
      [&](const net::HttpRequest& request) {
        EXPECT_EQ(request.path, "/.well-known/acme-challenge/t");
        host_ = request.header("Host");
        return answer.empty() ? net::HttpResponse{404} : net::HttpResponse{200, {}, answer};
      },
      silent_logger());
  ASSERT_TRUE(web);
  ChallengeOptions options = in(folder_.path());
  options.http_port = (*web)->port();
  ApacheChallenges challenges(options);
  const auto prove = [&](const FeedRow& row) {
    return challenges.prove(std::vector{row}, 1000ms).at(0);
  };
  const FeedRow row = test::http_challenge(1, "t", "2001:db8::1");
  const FeedRow gone = test::gone<ChallengeRow>(2, "t");
  EXPECT_EQ(prove(row).words, "");
  EXPECT_EQ(host_, "[2001:db8::1]");
  EXPECT_THAT(prove(gone).words, HasSubstr("still answers the challenge t"));
  answer = "t.print\n";
  EXPECT_THAT(prove(row).words, HasSubstr("answers 't.print\n' for the challenge t"));
  answer.clear();
  EXPECT_EQ(prove(row).state, RowState::later);
  EXPECT_EQ(prove(gone).words, "");
  (*web)->stop();
  EXPECT_EQ(prove(gone).state, RowState::later) << "who does not answer has proven nothing";
}

}  // namespace
}  // namespace podplay::daemons
