#include "control/watch/log_view.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "logs/line.hpp"

namespace podplay::control {
namespace {

const std::set<std::string> kMine{"mine.test", "also-mine.test"};

std::string line(const std::string& component, const std::string& words) {
  return "[2026-01-31T12:00:00.000Z] [INFO] [" + component + "] " + words;
}

// What is seen of the words; "-" when the line is not shown.
std::string seen(const std::string& component, const std::string& words) {
  const auto shown = view_of_domains(line(component, words), kMine);
  return shown ? shown->substr(line(component, "").size()) : "-";
}

TEST(LogViewTest, LinesOfMailAreThoseWithAnAddressOfTheDomain) {
  EXPECT_EQ(seen("mail.postfix", "4cA: to=<U@Mine.test>, status=sent"),
            "4cA: to=<U@Mine.test>, status=sent");
  EXPECT_EQ(seen("mail.dovecot", "imap(u@also-mine.test)<12><a>: Disconnected"),
            "imap(u@also-mine.test)<12><a>: Disconnected");
  for (const char* words :
       {"4cA: removed", "connect from mx.mine.test[192.0.2.1]", "4cA: to=<u@notmine.test>",
        "4cA: to=<u@mine.test.org>", "4cA: to=<u@sub.mine.test>", "4cA: to=<mine.test@other.test>",
        "helo=<mine.test> to=<u@other.test>"}) {
    EXPECT_EQ(seen("mail.postfix", words), "-") << words;
  }
}

TEST(LogViewTest, AddressesOfOthersAreHidden) {
  EXPECT_EQ(seen("mail.postfix", "4cA: from=<a.b+c@other.test>, to=<u@mine.test>"),
            "4cA: from=<[hidden]>, to=<u@mine.test>");
  EXPECT_EQ(seen("mail.postfix", "to=<u@mine.test> said: <x@other.test>: no user x@other.test."),
            "to=<u@mine.test> said: <[hidden]>: no user [hidden].");
  EXPECT_EQ(seen("mail.dovecot", "user=u@mine.test path=/data/user-data/users/x@other.test/mail"),
            "user=u@mine.test path=/data/user-data/users/[hidden]/mail");
  EXPECT_EQ(seen("mail.postfix", "to=<u@mine.test> \"odd name\"@other.test x@y@other.test"),
            "to=<u@mine.test> [hidden] [hidden][hidden]");
  EXPECT_EQ(seen("mail.postfix", "to=<u@mine.test> mailto:x%40other.test"),
            "to=<u@mine.test> mailto:[hidden]");
}

TEST(LogViewTest, ATextOfSeveralLinesKeepsAllButTheAddresses) {
  EXPECT_EQ(
      hide_addresses("who:\na@other.test\n\tb@mine.test of mail@main, user=c%40other.test", {}),
      "who:\n[hidden]\n\t[hidden] of [hidden], user=[hidden]");
  EXPECT_EQ(hide_addresses("a@other.test b@MINE.test mail@main", {"mine.test", "main"}),
            "[hidden] b@MINE.test mail@main");
  EXPECT_EQ(hide_addresses("", {}), "");
}

TEST(LogViewTest, LinesOfNamesAndSites) {
  EXPECT_EQ(seen("bind.queries", "query: www.mine.test IN A"), "query: www.mine.test IN A");
  EXPECT_EQ(seen("bind.general", "zone other.test/IN: loaded"), "-");
  EXPECT_EQ(seen("apache.access", "www.mine.test 192.0.2.1 \"GET / HTTP/1.1\" 200"),
            "www.mine.test 192.0.2.1 \"GET / HTTP/1.1\" 200");
  EXPECT_EQ(seen("apache.access", "other.test 192.0.2.1 \"GET /mine.test HTTP/1.1\" \"mine.test\""),
            "-");
  EXPECT_EQ(seen("apache.error", "cannot open /data/user-data/www/mine.test/.htaccess"),
            "cannot open /data/user-data/www/mine.test/.htaccess");
  EXPECT_EQ(seen("apache.error", "cannot open /data/user-data/www/other.test/mine.test/x"), "-");
}

TEST(LogViewTest, OurOwnLinesTellByTheirFacts) {
  EXPECT_EQ(seen("api", "request user=u@mine.test from=192.0.2.7"),
            "request user=u@mine.test from=192.0.2.7");
  EXPECT_EQ(seen("api", "request of u@mine.test user=x@other.test"), "-") << "words are no facts";
  EXPECT_EQ(seen("api.audit", "USER_UPDATED subject=u@mine.test actor=x@other.test from=192.0.2.8"),
            "USER_UPDATED subject=u@mine.test actor=[hidden] from=[hidden]");
  EXPECT_EQ(seen("api.certs", "issued name=mail.mine.test"), "issued name=mail.mine.test");
  EXPECT_EQ(seen("api", "request path=/api/domains/mine.test"), "-");
}

TEST(LogViewTest, TheSameInJson) {
  const logs::LogLine audit{
      .time = "2026-01-31T12:00:00.000Z",
      .level = Level::info,
      .component = "api.audit",
      .message = "USER_UPDATED",
      .facts = {{"subject", "u@mine.test"}, {"actor", "x@other.test"}, {"from", "192.0.2.8"}}};
  const auto shown = view_of_domains(logs::format_line(audit, LogFormat::json), kMine);
  ASSERT_TRUE(shown);
  const auto read = logs::parse_line(*shown);
  ASSERT_TRUE(read) << *shown;
  EXPECT_EQ(read->fact("subject"), "u@mine.test");
  EXPECT_EQ(read->fact("actor"), kAnothersAddress);
  EXPECT_EQ(read->fact("from"), kAnothersAddress);
}

TEST(LogViewTest, WhoHasNoDomainOrNoHeadSeesNothing) {
  EXPECT_FALSE(view_of_domains(line("mail.postfix", "to=<u@mine.test>"), {}));
  EXPECT_FALSE(view_of_domains("no head to=<u@mine.test>", kMine));
}

}  // namespace
}  // namespace podplay::control
