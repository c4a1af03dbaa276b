// Lines of the real daemons go to the right log with the right severity.
#include "daemons/lines.hpp"

#include <gtest/gtest.h>

namespace podplay::daemons {
namespace {

void expect(const DaemonLine& read, std::string_view log, Level level, std::string_view message) {
  EXPECT_EQ(read.log, log) << message;
  EXPECT_EQ(read.level, level) << message;
  EXPECT_EQ(read.message, message);
}

TEST(ReadApacheLine, TellsRequestsErrorsTlsAndLoginsApart) {
  expect(read_apache_line("access a.test 192.0.2.1 \"GET / HTTP/2.0\" 200 3110 1 \"curl\""),
         "access", Level::info, "a.test 192.0.2.1 \"GET / HTTP/2.0\" 200 3110 1 \"curl\"");
  expect(read_apache_line("[notice] [mpm_event] AH00489: Apache/2.4 configured"), "error",
         Level::info, "AH00489: Apache/2.4 configured");
  expect(read_apache_line("[warn] [ssl] AH01909: server name mismatch"), "ssl", Level::warn,
         "AH01909: server name mismatch");
  expect(read_apache_line("[error] [auth_basic] AH01617: password mismatch client=192.0.2.1"),
         "auth", Level::error, "AH01617: password mismatch client=192.0.2.1");
  expect(read_apache_line("[crit] [core] (28)No space left on device"), "error", Level::error,
         "(28)No space left on device");
  expect(read_apache_line("[trace4] [core] x"), "error", Level::trace, "x");
  expect(read_apache_line("AH00526: Syntax error on line 3"), "error", Level::info,
         "AH00526: Syntax error on line 3");
  expect(read_apache_line("[sic] not ours"), "error", Level::info, "[sic] not ours");
}

TEST(ReadNamedLine, TellsQueriesAndSecurityApart) {
  expect(read_named_line("general: notice: all zones loaded"), "general", Level::info,
         "all zones loaded");
  expect(read_named_line("zoneload: error: zone a.test/IN: loading failed"), "general",
         Level::error, "zone a.test/IN: loading failed");
  expect(read_named_line(
             "security: error: client @0x7f 192.0.2.1#53: zone transfer 'a.test/AXFR/IN' denied"),
         "security", Level::error,
         "client @0x7f 192.0.2.1#53: zone transfer 'a.test/AXFR/IN' denied");
  expect(read_named_line("rate-limit: info: limit responses to 192.0.2.0/24"), "security",
         Level::info, "limit responses to 192.0.2.0/24");
  expect(read_named_line("queries: info: client @0x7f query: a.test IN MX"), "queries", Level::info,
         "client @0x7f query: a.test IN MX");
  expect(read_named_line("/etc/bind/named.conf:3: unknown option 'x'"), "general", Level::info,
         "/etc/bind/named.conf:3: unknown option 'x'");
}

TEST(ReadNamedLine, TakesNoFaultFromWhatIsUsual) {
  expect(read_named_line("general: error: invalid command from 127.0.0.1#40852: timed out"),
         "general", Level::debug, "invalid command from 127.0.0.1#40852: timed out");
  expect(read_named_line("general: error: invalid command from 127.0.0.1#40852: bad auth"),
         "general", Level::error, "invalid command from 127.0.0.1#40852: bad auth");
  expect(read_named_line("general: warning: file /z/a.test.zone.jnl not removed: file not found"),
         "general", Level::debug, "file /z/a.test.zone.jnl not removed: file not found");
  expect(read_named_line("general: warning: file /z/a.test.zone not removed: file not found"),
         "general", Level::warn, "file /z/a.test.zone not removed: file not found");
}

TEST(ReadPostfixLine, DropsTimeAndHost) {
  expect(read_postfix_line("Nov 24 14:19:30 mail postfix/submissions/smtpd[413]: disconnect from "
                           "h[192.0.2.1] commands=0/0"),
         "postfix", Level::info,
         "submissions/smtpd[413]: disconnect from h[192.0.2.1] commands=0/0");
  expect(read_postfix_line(
             "Nov  4 14:19:30 mail postfix/smtpd[4]: warning: hostname x does not resolve"),
         "postfix", Level::warn, "smtpd[4]: warning: hostname x does not resolve");
  expect(read_postfix_line("Nov 24 14:19:30 mail postfix/smtpd[4]: warning: h[192.0.2.1]: SASL "
                           "PLAIN authentication failed: (reason unavailable)"),
         "auth", Level::warn,
         "smtpd[4]: warning: h[192.0.2.1]: SASL PLAIN authentication failed: (reason unavailable)");
  expect(read_postfix_line("Nov 24 14:19:30 mail postfix/master[1]: fatal: bind 0.0.0.0 port 25: "
                           "Address already in use"),
         "postfix", Level::error, "master[1]: fatal: bind 0.0.0.0 port 25: Address already in use");
  expect(read_postfix_line("postfix: fatal: bad string length"), "postfix", Level::error,
         "postfix: fatal: bad string length");
  expect(read_postfix_line("fatal: the Postfix mail system is not running"), "postfix",
         Level::error, "fatal: the Postfix mail system is not running");
}

TEST(ReadLines, OurOwnProbesAreNotNews) {
  for (const char* line : {"Nov 24 14:22:28 imap-login: Info: Login aborted: Connection closed (no "
                           "auth attempts in 0 secs) (no_auth_attempts): "
                           "user=<>, rip=127.0.0.1, lip=127.0.0.1, TLS, session=<x>",
                           "Nov 24 14:22:28 lmtp(19): Info: Connect from local",
                           "Nov 24 14:22:28 lmtp(19): Info: Disconnect from local: Connection "
                           "closed (state=GREETING)"}) {
    EXPECT_EQ(read_dovecot_line(line).level, Level::debug) << line;
  }
  for (const char* line :
       {"Nov 24 14:19:30 mail postfix/smtpd[4]: connect from localhost[127.0.0.1]",
        "Nov 24 14:19:30 mail postfix/smtpd[4]: NOQUEUE: lost connection after CONNECT from "
        "localhost[127.0.0.1]",
        "Nov 24 14:19:30 mail postfix/smtpd[4]: TLS SNI a.test from localhost[127.0.0.1] not "
        "matched, using default chain",
        "Nov 24 14:19:30 mail postfix/smtpd[4]: disconnect from localhost[127.0.0.1] "
        "commands=0/0"}) {
    EXPECT_EQ(read_postfix_line(line).level, Level::debug) << line;
  }
  EXPECT_EQ(read_apache_line(R"(access a.test 127.0.0.1 "HEAD / HTTP/1.1" 200 0 1 "podplay-probe")")
                .level,
            Level::debug);
  EXPECT_EQ(read_apache_line(R"(access a.test 192.0.2.1 "HEAD / HTTP/1.1" 200 0 1 "podplay-probe")")
                .level,
            Level::info)
      << "anybody can say that";
  EXPECT_EQ(read_apache_line(
                R"(access a.test 192.0.2.1 "GET /x 127.0.0.1 HTTP/1.1" 200 0 1 "podplay-probe")")
                .level,
            Level::info);
  EXPECT_EQ(read_dovecot_line("Nov 24 14:22:28 imap-login: Info: Login aborted: x "
                              "(no_auth_attempts): user=<>, rip=192.0.2.1")
                .level,
            Level::info);
  EXPECT_EQ(read_postfix_line("Nov 24 14:19:30 mail postfix/smtpd[4]: warning: lost connection "
                              "after CONNECT from localhost[127.0.0.1]")
                .level,
            Level::warn);
}

TEST(ReadDovecotLine, DeliveriesAreCounted) {
  const auto counted = [](std::string_view line) { return read_dovecot_line(line).counted; };
  EXPECT_EQ(counted("Nov 24 14:22:28 lmtp(a@a.test)<9><x:L>: Info: msgid=<m@a.test>: saved mail to "
                    "INBOX"),
            &kDeliveries);
  EXPECT_EQ(counted("Nov 24 14:22:28 lmtp(a@a.test)<9><x:L>: Info: sieve: msgid=<m@a.test>: stored "
                    "mail into mailbox 'Lists'"),
            &kDeliveries);
  EXPECT_EQ(counted("Nov 24 14:22:28 lmtp(9): Info: Disconnect from local: Logged out"), nullptr);
  EXPECT_EQ(counted("Nov 24 14:22:28 imap(a@a.test)<9><x>: Info: Copy from INBOX: saved mail to "
                    "Trash"),
            nullptr);
}

TEST(ReadDovecotLine, NoTokenIsLogged) {
  const auto line = read_dovecot_line(
      "Nov 26 08:50:06 auth: Debug: conn unix:login (pid=24,uid=102) [1]: client passdb out: "
      "OK\t1\tuser=ann@a.test\ttoken=eyJhbGciOiAiRVMyNTYi.x.y");
  EXPECT_EQ(line.level, Level::debug);
  EXPECT_TRUE(line.message.ends_with("OK\t1\tuser=ann@a.test")) << line.message;
}

TEST(ReadDovecotLine, LoginsHaveALogOfTheirOwn) {
  expect(
      read_dovecot_line("Nov 24 14:22:28 imap-login: Info: Login: user=<a@a.test>, method=PLAIN"),
      "auth", Level::info, "imap-login: Info: Login: user=<a@a.test>, method=PLAIN");
  expect(
      read_dovecot_line(
          "Nov 24 14:22:28 auth-worker(12): Warning: sql(a@a.test,192.0.2.1): Password mismatch"),
      "auth", Level::warn, "auth-worker(12): Warning: sql(a@a.test,192.0.2.1): Password mismatch");
  expect(read_dovecot_line(
             "Nov 24 14:22:28 lmtp(19): Info: Disconnect from local: Logged out (state=READY)"),
         "dovecot", Level::info, "lmtp(19): Info: Disconnect from local: Logged out (state=READY)");
  expect(read_dovecot_line(
             "Nov 24 14:22:28 imap(a@a.test)<3><x>: Error: Mailbox INBOX: open() failed"),
         "dovecot", Level::error, "imap(a@a.test)<3><x>: Error: Mailbox INBOX: open() failed");
  expect(read_dovecot_line("doveconf: Fatal: Error in configuration file"), "dovecot", Level::error,
         "doveconf: Fatal: Error in configuration file");
  expect(read_dovecot_line(""), "dovecot", Level::info, "");
}

}  // namespace
}  // namespace podplay::daemons
