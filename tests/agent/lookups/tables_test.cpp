// What Postfix is told about addresses: from a replica that real rows made.
#include "agent/lookups/tables.hpp"

#include <gtest/gtest.h>

#include "agent/fakes.hpp"
#include "agent/lookups/quota_policy.hpp"
#include "agent/replica/replica.hpp"
#include "base/encoding.hpp"
#include "base/test_folder.hpp"
#include "model/feed_rows.hpp"

namespace podplay::agent {
namespace {

using test::alias;
using test::domain;
using test::mailbox;

constexpr const char* kNames = "/mail.a.test/admin@a.test";

class LookupTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Replica::open({.path = folder_ / "replica/replica.db",
                                 .users = folder_ / "users",
                                 .deleted = folder_ / "deleted"},
                                files_, silent_logger());
    ASSERT_TRUE(opened) << opened.error().message;
    FeedBatch batch{.generation = "g", .epoch = "e", .complete = true};
    batch.rows = {domain(1, "a.test"),
                  domain(2, "asleep.test", false),
                  mailbox(3, "ann@a.test", of(0)),
                  mailbox(4, "off@a.test", of(0, false)),
                  mailbox(5, "small@a.test", of(20000)),
                  mailbox(6, "who@asleep.test", of(0)),
                  alias(7, "info@a.test", {"ann@a.test"}),
                  alias(8, "sales@a.test", {"info@a.test", "far@else.test"}),
                  alias(9, "tooff@a.test", {"off+x@a.test"}),
                  alias(10, "some@a.test", {"off@a.test", "ann@a.test", "nobody@a.test"}),
                  alias(11, "tosmall@a.test", {"small@a.test"}),
                  alias(12, "smalls@a.test", {"small@a.test", "info@a.test"}),
                  alias(13, "sleeper@a.test", {"who@asleep.test"}),
                  alias(14, "tonone@a.test", {"none@a.test"}),
                  alias(15, "round@a.test", {"round2@a.test"}),
                  alias(16, "round2@a.test", {"round@a.test"})};
    batch.seq = batch.revision = 16;
    ASSERT_TRUE((*opened)->apply(batch));
  }
  static MailboxRow of(std::int64_t quota, bool enabled = true) {
    return {.enabled = enabled, .password_hash = "x", .quota = quota};
  }
  // "-": nothing.
  std::string find(const std::string& table, const std::string& key) {
    const auto found = tables_.find(table, key);
    return found ? found->value_or("-") : describe(found.error());
  }
  std::string route(const std::string& key) { return find(std::string("routes") + kNames, key); }
  std::string answer(const std::string& key) {
    return find(std::string("recipients/1000000") + kNames, key);
  }

  Folder folder_;
  RealFiles files_;
  LookupOptions options_{.replica = folder_ / "replica/replica.db",
                         .certificates = folder_ / "certificates"};
  LookupTables tables_{options_, files_};
};

TEST_F(LookupTablesTest, RoutesLeadToTheEndsThatTakeMail) {
  EXPECT_EQ(route("Ann+x@a.test"), "ann+x@a.test");
  EXPECT_EQ(route("info+x@a.test"), "ann+x@a.test");
  EXPECT_EQ(route("sales@a.test"),
            "far=else.test/sales=a.test@forward.podplay.invalid, ann@a.test");
  EXPECT_EQ(route("far=else.test/sales=a.test@forward.podplay.invalid"), "-");
  EXPECT_EQ(route("far@else.test"), "-") << "what users send themselves is not sent on";
  EXPECT_EQ(route("some@a.test"), "ann@a.test") << "the others would bounce it";
  EXPECT_EQ(route("tooff@a.test"), "off+x@a.test") << "so that what is sent from here bounces";
  EXPECT_EQ(route("nobody@a.test"), "-");
  EXPECT_EQ(route("postmaster@a.test"), "admin@a.test");
}

TEST_F(LookupTablesTest, field_case_18_RcptSaysWhatIsBehindAnAlias) {
  for (const char* fine : {"ann@a.test", "ann+x@a.test", "sales@a.test", "some@a.test"}) {
    EXPECT_EQ(answer(fine), "OK") << fine;
  }
  EXPECT_EQ(answer("off@a.test"), "550 5.2.1 this mailbox is disabled");
  for (const char* off : {"tooff@a.test", "tooff+y@a.test", "sleeper@a.test"}) {
    EXPECT_EQ(answer(off), "550 5.2.1 the mailbox behind this address is disabled") << off;
  }
  EXPECT_EQ(answer("tonone@a.test"), "550 5.1.1 this address leads to no mailbox");
  EXPECT_EQ(answer("round@a.test"), "550 5.4.6 the aliases of this address lead in a circle");
  EXPECT_EQ(answer("small@a.test"), "ask_quota");
  EXPECT_EQ(answer("tosmall+x@a.test"), "ask_quota");
  EXPECT_EQ(answer("smalls@a.test"), "OK") << "one of them has room";
  EXPECT_EQ(answer("nobody@a.test"), "550 5.1.1 User unknown");
  EXPECT_EQ(answer("nobody@mail.a.test"), "550 5.1.1 User unknown");
  for (const char* not_ours : {"far@else.test", "else.test", "a.test", ".test", "ann@", ""}) {
    EXPECT_EQ(answer(not_ours), "-") << not_ours;
  }
}

TEST_F(LookupTablesTest, field_case_12_WhoGetsTheMailMaySendAsTheAddress) {
  const auto senders = [&](const char* key) { return find(std::string("senders") + kNames, key); };
  EXPECT_EQ(senders("ann+shop@a.test"), "ann@a.test");
  EXPECT_EQ(senders("sales@a.test"), "ann@a.test");
  EXPECT_EQ(senders("tooff@a.test"), "-");
  EXPECT_EQ(senders("far@else.test"), "-");
}

TEST_F(LookupTablesTest, field_case_06_OurNamesAsSendersNeedALogin) {
  for (const char* ours : {"ann@a.test", "nobody@a.test", "Abuse@A.test", "who@asleep.test",
                           "postmaster@mail.a.test"}) {
    EXPECT_EQ(find("ours/mail.a.test", ours), "553 5.7.1 log in to send as this address") << ours;
  }
  EXPECT_EQ(find("ours/mail.a.test", "x@else.test"), "-");
  EXPECT_EQ(find("ours/mail.a.test", ""), "-");
}

TEST_F(LookupTablesTest, ACertificateIsThatOfTheNameOrOfTheWildcardAboveIt) {
  auto replica = Replica::open({.path = folder_ / "replica/replica.db",
                                .users = folder_ / "users",
                                .deleted = folder_ / "deleted"},
                               files_, silent_logger());
  FeedBatch batch{.generation = "g", .epoch = "e", .complete = true};
  batch.rows = {
      test::row(17, "a.test", CertificateRow{.version = "w", .names = {"*.a.test", "a.test"}})};
  batch.seq = batch.revision = 17;
  ASSERT_TRUE((*replica)->apply(batch));
  for (const char* version : {"mail.a.test/versions/v", "a.test/versions/w"}) {
    const std::string folder = folder_ / "certificates/" + version;
    ASSERT_TRUE(files_.make_dirs(folder, 0755));
    ASSERT_TRUE(
        files_.write_atomic(folder + "/privkey.pem", std::string("key of ") + version, 0644, {}));
    ASSERT_TRUE(files_.write_atomic(folder + "/fullchain.pem", "", 0644, {}));
  }
  const std::string table = "sni/mail.a.test/v";
  EXPECT_EQ(find(table, "a.test"), base64("key of a.test/versions/w"));
  EXPECT_EQ(find(table, "foo.a.test"), "-") << "Postfix then asks for .a.test";
  EXPECT_EQ(find(table, ".a.test"), base64("key of a.test/versions/w"));
  EXPECT_EQ(find(table, "mail.a.test"), base64("key of mail.a.test/versions/v"))
      << "the server's own name is no name below a.test";
  EXPECT_EQ(find(table, "b.test"), "-");
}

TEST_F(LookupTablesTest, AMessageIsRefusedWhenNoMailboxBehindItsRecipientHasRoom) {
  std::vector<std::string> asked;
  std::string says = "552 5.2.2 the mailbox is full";
  QuotaPolicy policy(options_, files_, [&](const std::string& mailbox, std::string_view size) {
    asked.push_back(mailbox + " " + std::string(size));
    return Result<std::string>(says);
  });
  const auto ask = [&](const std::string& recipient) {
    const auto answered = policy.answer("request=smtpd_access_policy\nrecipient=" + recipient +
                                        "\nsize=30000\npolicy_context=1000000" + kNames);
    return answered ? answered->value_or("-") : describe(answered.error());
  };
  EXPECT_EQ(ask("tosmall@a.test"), says);
  EXPECT_EQ(asked, std::vector<std::string>{"small@a.test 30000"});
  says = "DUNNO";
  EXPECT_EQ(ask("small@a.test"), "-");
  asked.clear();
  for (const char* other : {"smalls@a.test", "ann@a.test", "far@else.test", ""}) {
    EXPECT_EQ(ask(other), "-") << other;
  }
  EXPECT_TRUE(asked.empty()) << "Dovecot is asked only when it matters";
}

}  // namespace
}  // namespace podplay::agent
