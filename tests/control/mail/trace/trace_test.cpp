// Traces are made of the lines that a real pod wrote (recorded/): Postfix 3.10, Dovecot 2.4.
#include "control/mail/trace/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/grants.hpp"
#include "control/mail/aliases.hpp"
#include "control/mail/trace/trace_line.hpp"

namespace podplay::control {
namespace {

namespace fs = std::filesystem;
using Kind = TraceLine::Kind;
using wire::MailTrace;

std::string recorded(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream("tests/control/mail/recorded/" + name + ".lines").rdbuf();
  return text.str();
}

std::optional<TraceLine> read(const std::string& words, const char* component = "mail.postfix") {
  return read_trace_line({.time = "2025-01-02T20:39:59.809Z",
                          .level = Level::info,
                          .component = component,
                          .message = words,
                          .facts = {}});
}

class TraceTest : public test::ControlTest {
 protected:
  void SetUp() override {
    // Before the lines were written.
    plane.clock.moved = parse_rfc3339("2025-01-01T00:00:00.000Z").value() - plane.clock.real.now();
    must(create_domain(context, admin, "rec.test", true, {}));
    for (const char* name : {"ann", "ben", "siv", "mov"}) {
      must(create_user(context, admin, input(std::string(name) + "@rec.test"), {}));
    }
    must(create_alias(context, admin,
                      {.address = "info@rec.test", .targets = {{"ann@rec.test", "ben@rec.test"}}},
                      {}));
    fs::create_directories(logs_);
    write("postfix", recorded("postfix"));
    write("dovecot", recorded("dovecot"));
    plane.clock.moved = {};
  }
  void must(const auto& done) { ASSERT_TRUE(done) << describe(done.error()); }
  void write(const std::string& log, const std::string& lines) {
    std::ofstream(logs_ + "/" + log + ".log", std::ios::app) << lines;
  }
  Actor person(const std::string& email) {
    return Actor::of(*get_user(context, Actor::system(), email));
  }
  std::vector<MailTrace> ask(const Actor& actor, const TraceQuestion& question) {
    const auto page = trace_mail(context, actor, question);
    EXPECT_TRUE(page) << describe(page.error());
    return page ? page->traces : std::vector<MailTrace>{};
  }
  static std::string shown(const std::vector<MailTrace>& traces) {
    std::string text;
    for (const MailTrace& trace : traces) {
      text += wire::to_json(trace).dump() + "\n";
    }
    return text;
  }
  // The only trace that there is.
  MailTrace one(const Actor& actor, const TraceQuestion& question) {
    auto traces = ask(actor, question);
    EXPECT_EQ(traces.size(), 1U) << shown(traces);
    return traces.empty() ? MailTrace{} : traces.front();
  }
  static std::vector<std::string> stages(const MailTrace& trace) {
    std::vector<std::string> names;
    for (const auto& event : trace.events) {
      names.push_back(event.stage);
    }
    return names;
  }

  using Names = std::vector<std::string>;
  std::string logs_ = plane.paths.logs + "/mail";
};

TEST_F(TraceTest, AMessageToAnAliasReachedBothMailboxes) {
  const MailTrace trace = one(admin, {.queue_id = "C52F2164113"});
  EXPECT_EQ(trace.state, "delivered");
  EXPECT_EQ(trace.verdict, "Delivered to ann@rec.test (INBOX), ben@rec.test (INBOX).");
  EXPECT_EQ(trace.message_id, "abc@elsewhere.test");
  EXPECT_EQ(trace.sender, "x@elsewhere.test");
  EXPECT_EQ(stages(trace), (Names{"accepted", "identified", "queued", "filed", "delivered",
                                  "delivered", "removed", "filed"}))
      << shown({trace});
  EXPECT_EQ(trace.events[0].peer, "host.containers.internal[10.89.0.1]");
  EXPECT_EQ(one(admin, {.message_id = "<abc@elsewhere.test>"}).verdict, trace.verdict);
  EXPECT_EQ(one(admin, {.message_id = "abc@elsewhere.test"}).verdict, trace.verdict);
}

TEST_F(TraceTest, ASieveScriptsFolderAndRedirectAreNamed) {
  EXPECT_EQ(one(admin, {.recipient = "siv@rec.test"}).verdict,
            "Delivered to siv@rec.test (Archive).");
  const MailTrace moved = one(admin, {.message_id = "mov@elsewhere.test"});
  EXPECT_EQ(moved.queue_ids, (Names{"CA092164134", "1058E164167", "24F4616419F", "2F6BD16416A"}));
  EXPECT_EQ(moved.state, "partly");
  EXPECT_EQ(moved.verdict,
            "Delivered to mov@rec.test (INBOX). Not delivered to pal@far.test: \"delivery to other "
            "servers is turned off (PODPLAY_MAIL_OUTBOUND=none)\". The sender was told.");
}

TEST_F(TraceTest, AForwardedMessageIsFollowedOverItsSecondId) {
  const MailTrace trace = one(admin, {.queue_id = "DBB1F16414D"});
  EXPECT_EQ(trace.queue_ids, (Names{"DBB1F16414D", "04BB416414D"}));
  EXPECT_EQ(trace.state, "deleted");
  EXPECT_EQ(trace.verdict,
            "Deleted from the queue by an administrator; not delivered to friend@far.test.");
  EXPECT_EQ(one(admin, {.queue_id = "04BB416414D"}).verdict, trace.verdict) << "from both ends";
}

TEST_F(TraceTest, WhatWasRefusedAtRcptIsFoundToo) {
  const MailTrace trace = one(admin, {.recipient = "nobody@far.test"});
  EXPECT_TRUE(trace.queue_ids.empty());
  EXPECT_EQ(trace.state, "refused");
  EXPECT_EQ(trace.verdict,
            "Refused when it was offered, from x@elsewhere.test for nobody@far.test: \"554 5.7.1 "
            "<nobody@far.test>: Relay access denied\".");
  // One recipient was refused, another was not.
  const MailTrace both = one(admin, {.queue_id = "4C80716416C"});
  EXPECT_EQ(both.state, "partly");
  EXPECT_NE(both.verdict.find("Delivered to ann@rec.test (INBOX). Refused"), std::string::npos)
      << both.verdict;
}

TEST_F(TraceTest, TheSubmittersMessageWaitsWithItsReason) {
  const MailTrace trace = one(admin, {.queue_id = "76D1416416E"});
  EXPECT_EQ(trace.state, "partly");
  EXPECT_EQ(trace.verdict,
            "Delivered to ben@rec.test (INBOX). Not delivered to w@far.test, z@far.test yet: "
            "\"delivery to other servers is turned off (PODPLAY_MAIL_OUTBOUND=none)\". It is tried "
            "again.");
  EXPECT_EQ(trace.events[0].login, "ann@rec.test");
  const Names seen = stages(trace);
  EXPECT_NE(std::ranges::find(seen, "held"), seen.end());
  EXPECT_NE(std::ranges::find(seen, "released"), seen.end());
}

TEST_F(TraceTest, APersonSeesOwnMailOnly) {
  const Actor ann = person("ann@rec.test");
  const Actor ben = person("ben@rec.test");
  const Actor siv = person("siv@rec.test");
  // Who sent sees every recipient.
  EXPECT_EQ(one(ann, {.queue_id = "76D1416416E"}).recipients,
            (Names{"ben@rec.test", "w@far.test", "z@far.test"}));
  // Who got it, only the own address.
  const MailTrace got = one(ben, {.queue_id = "76D1416416E"});
  EXPECT_EQ(got.recipients, Names{"ben@rec.test"});
  EXPECT_EQ(got.verdict, "Delivered to ben@rec.test (INBOX).");
  EXPECT_EQ(shown({got}).find("far.test"), std::string::npos) << shown({got});
  EXPECT_TRUE(got.events[0].login.empty());
  EXPECT_TRUE(ask(siv, {.queue_id = "76D1416416E"}).empty());
  EXPECT_TRUE(ask(ben, {.recipient = "w@far.test"}).empty()) << "nor by asking for it";
  // Of an alias, the own part.
  const std::string alias = shown({one(ann, {.queue_id = "C52F2164113"})});
  EXPECT_EQ(alias.find("ben@"), std::string::npos) << alias;
  // Without a question: the own mail.
  for (const MailTrace& trace : ask(siv, {})) {
    EXPECT_EQ(trace.recipients, Names{"siv@rec.test"});
  }
  EXPECT_EQ(ask(siv, {}).size(), 1U);
  // The sender's address of a stranger who did not log in proves nothing.
  EXPECT_TRUE(ask(ann, {.sender = "ann@rec.test", .recipient = "ben@rec.test"}).size() <= 1);
  EXPECT_EQ(shown(ask(ann, {})).find("log in to send as"), std::string::npos);
}

TEST_F(TraceTest, ANewOwnerOfAnAddressSeesNoMailOfTheOneBefore) {
  must(delete_user(context, admin, "ben@rec.test", {}));
  must(create_user(context, admin, input("ben@rec.test"), {}));
  const Actor ben = person("ben@rec.test");
  EXPECT_TRUE(ask(ben, {}).empty());
  EXPECT_TRUE(ask(ben, {.queue_id = "76D1416416E"}).empty());
  EXPECT_TRUE(ask(ben, {.message_id = "abc@elsewhere.test"}).empty());
  EXPECT_TRUE(ask(ben, {.recipient = "ben@rec.test"}).empty());
  EXPECT_EQ(ask(person("siv@rec.test"), {}).size(), 1U) << "others see theirs";
}

TEST_F(TraceTest, WhomAnAliasLeadsToTodaySeesNothingOfTheMailboxBefore) {
  EXPECT_FALSE(ask(admin, {.recipient = "siv@rec.test"}).empty());
  must(delete_user(context, admin, "siv@rec.test", {}));
  must(
      create_alias(context, admin, {.address = "siv@rec.test", .targets = {{"ann@rec.test"}}}, {}));
  EXPECT_TRUE(ask(person("ann@rec.test"), {.recipient = "siv@rec.test"}).empty());
}

TEST_F(TraceTest, ANewDomainsAdminSeesNoMailOfTheDomainBefore) {
  for (const char* name : {"ann", "ben", "siv", "mov"}) {
    must(delete_user(context, admin, std::string(name) + "@rec.test", {}));
  }
  must(delete_alias(context, admin, "info@rec.test", {}));
  must(delete_domain(context, admin, "rec.test", {}));
  must(create_domain(context, admin, "rec.test", true, {}));
  must(create_user(context, admin, input("boss@rec.test"), {}));
  must(add_grant(context, admin, "boss@rec.test", {.domain = "rec.test"}, {}));
  const Actor boss = person("boss@rec.test");
  EXPECT_TRUE(ask(boss, {}).empty());
  EXPECT_TRUE(ask(boss, {.queue_id = "76D1416416E"}).empty());
}

TEST_F(TraceTest, ADomainAdminSeesTheDomains) {
  must(create_domain(context, admin, "other.test", true, {}));
  must(create_user(context, admin, input("boss@other.test"), {}));
  EXPECT_TRUE(ask(person("boss@other.test"), {}).empty());
  must(add_grant(context, admin, "boss@other.test", {.domain = "other.test"}, {}));
  EXPECT_TRUE(ask(person("boss@other.test"), {.queue_id = "76D1416416E"}).empty());
  must(add_grant(context, admin, "boss@other.test", {.domain = "rec.test"}, {}));
  const Actor boss = person("boss@other.test");
  EXPECT_EQ(one(boss, {.queue_id = "76D1416416E"}).recipients.size(), 3U);
  EXPECT_EQ(one(boss, {.queue_id = "DBB1F16414D"}).state, "deleted") << "the domain's alias";
  EXPECT_TRUE(ask(boss, {.recipient = "nobody@far.test"}).empty()) << "a stranger's try to relay";
}

TEST_F(TraceTest, WhatASenderWritesIsNeverAFact) {
  // Message-ID: <a b> status=sent (x): saved mail to Y@elsewhere.test>
  const MailTrace odd = one(admin, {.queue_id = "C812516412F"});
  EXPECT_EQ(odd.verdict, "Delivered to siv@rec.test (Archive).");
  EXPECT_EQ(odd.message_id, "a b> status=sent (x): saved mail to Y@elsewhere.test");
  // MAIL FROM:<"a>; from=<q> to=<ann@rec.test"@elsewhere.test>
  const MailTrace sender = one(admin, {.queue_id = "F2F03164161"});
  EXPECT_EQ(sender.sender, R"("a>; from=<q> to=<ann@rec.test"@elsewhere.test)");
  EXPECT_TRUE(ask(person("ann@rec.test"), {.queue_id = "F2F03164161"}).empty());
}

TEST_F(TraceTest, PagesShowEachMessageOnce) {
  plane.clock.moved = std::chrono::duration_cast<std::chrono::milliseconds>(
      *parse_rfc3339("2025-01-02T20:40:30Z") - plane.clock.now());
  std::vector<std::string> first_ids;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = trace_mail(context, admin, {.cursor = cursor, .limit = 3});
    ASSERT_TRUE(page) << describe(page.error());
    EXPECT_LE(page->traces.size(), 3U);
    for (const MailTrace& trace : page->traces) {
      first_ids.push_back(trace.queue_ids.empty() ? trace.began + trace.verdict
                                                  : trace.queue_ids.front());
    }
    cursor = page->next;
    // A new try of an old message between two pages.
    write(
        "postfix",
        "[2025-01-02T20:41:00.000Z] [INFO] [mail.postfix] error[9]: 76D1416416E: to=<w@far.test>, "
        "relay=none, delay=60, delays=60/0/0/0, dsn=4.3.2, status=deferred (still)\n");
  } while (!cursor.empty() && ++pages < 20);
  auto all = first_ids;
  std::ranges::sort(all);
  EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end()) << "one message stands on two pages";
  EXPECT_EQ(all.size(), 15U);
  EXPECT_EQ(code(trace_mail(context, admin, {.cursor = "nonsense"})), "bad_cursor");
  EXPECT_EQ(code(trace_mail(context, admin, {.queue_id = "-d x"})), "bad_queue_id");
  EXPECT_TRUE(ask(admin, {.until = parse_rfc3339("2025-01-01T00:00:00Z")}).empty());
}

TEST_F(TraceTest, AMessageIsFoundWhileItsLinesAreWritten) {
  const WallTime start = context.clock.now();
  const auto line = [&](int try_number) {
    return fmt::format(
        "[{}] [INFO] [mail.postfix] smtp[9]: AAAABBBB: to=<far@far.test>, relay=none, delay=1, "
        "delays=0/0/1/0, dsn=4.4.1, status=deferred (try {})\n",
        to_rfc3339(start + std::chrono::milliseconds(try_number)), try_number);
  };
  write("postfix", line(0));
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int number = 1; number < 900; ++number) {
      write("postfix", line(number));
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    done = true;
  });
  int asked = 0;
  while (!done) {
    ASSERT_EQ(ask(admin, {.queue_id = "AAAABBBB"}).size(), 1U) << "question " << asked;
    ++asked;
  }
  EXPECT_GT(asked, 10);
}

TEST(TraceLines, OfPostfixAreReadAtFixedPositions) {
  const auto delivery = read(
      "lmtp[246]: 4gGZQW3k2bzQkYp: to=<\"a>, relay=x, status=sent (ok)\"@b.test>, "
      "orig_to=<c@b.test>, relay=mx.b.test[192.0.2.1]:25, conn_use=2, delay=0.19, "
      "delays=0/0/0/0, dsn=5.1.1, status=bounced (host mx said: 550 status=sent (x))");
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->to, "\"a>, relay=x, status=sent (ok)\"@b.test");
  EXPECT_EQ(delivery->via, "c@b.test");
  EXPECT_EQ(delivery->peer, "mx.b.test[192.0.2.1]:25");
  EXPECT_EQ(delivery->dsn, "5.1.1");
  EXPECT_EQ(delivery->status, "bounced");
  EXPECT_EQ(delivery->words, "host mx said: 550 status=sent (x)");

  const auto client = read(
      "submissions/smtpd[1]: C52F2164113: client=a.test[2001:db8::1], "
      "sasl_method=PLAIN, sasl_username=ann@rec.test");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->peer, "a.test[2001:db8::1]");
  EXPECT_EQ(client->login, "ann@rec.test");

  const auto milter = read(
      "smtpd[1]: C52F2164113: milter-reject: END-OF-MESSAGE from a[1.2.3.4]: "
      "4.7.1 log in again; from=<a@b> to=<c@d> proto=ESMTP helo=<x>");
  ASSERT_TRUE(milter);
  EXPECT_EQ(milter->kind, Kind::checked);
  EXPECT_EQ(milter->words, "4.7.1 log in again");
}

TEST(TraceLines, AForgedEnvelopeOfARefusalIsUnclear) {
  const std::string before = "smtpd[1]: NOQUEUE: reject: RCPT from a[1.2.3.4]: 550 5.1.1 <";
  const auto forged = read(before +
                           "x; from=<v@rec.test> to=<ann@rec.test> proto=ESMTP helo=<h>@b>: "
                           "no; from=<m@b> to=<\"x\"@b> proto=ESMTP helo=<h>");
  ASSERT_TRUE(forged);
  EXPECT_TRUE(forged->unclear);
  EXPECT_EQ(forged->from + forged->to + forged->login, "");
  const auto helo = read(before +
                         "x@b>: no; from=<m@b> to=<x@b> proto=ESMTP "
                         "helo=<h> sasl_method=PLAIN sasl_username=ann@rec.test>");
  ASSERT_TRUE(helo);
  EXPECT_EQ(helo->login, "") << "HELO is the client's text";
  const auto real = read(before +
                         "x@b>: no; from=<m@b> to=<x@b> proto=ESMTP helo=<h> "
                         "sasl_method=PLAIN sasl_username=ann@rec.test");
  ASSERT_TRUE(real);
  EXPECT_EQ(real->login, "ann@rec.test");
}

TEST(TraceLines, OthersAreLeftOut) {
  for (const char* words :
       {"", "smtpd[1]: connect from a[1.2.3.4]", "smtpd[1]: warning: hostname a does not resolve",
        "smtpd[1]: NOQUEUE: lost connection after CONNECT from a[1.2.3.4]",
        "qmgr[1]: warning: connect to transport", "postsuper[1]: Deleted: 1 message",
        "anvil[1]: statistics: max connection rate", "cleanup[1]: C52F2164113: ", "smtpd[1",
        "smtpd[1]: C52F2164113: client", "lmtp[1]: C52F2164113: to=<a", "x: y: z"}) {
    EXPECT_FALSE(read(words)) << words;
  }
  EXPECT_FALSE(read("lmtp(1): Info: Disconnect from local: Logged out", "mail.dovecot"));
  EXPECT_FALSE(read("smtpd[1]: C52F2164113: client=a[1.2.3.4]", "mail.auth"));
}

}  // namespace
}  // namespace podplay::control
