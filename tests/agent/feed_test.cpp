// Rows on their way from the link to the daemons: they are proven, they end sessions, and a lost
// replica is fetched again.
#include "agent/feed.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/agent_fixture.hpp"
#include "base/test_folder.hpp"

namespace podplay::agent {
namespace {

class FeedTest : public AgentTest {
 protected:
  // An agent that serves the domain a.test, whose daemon answers for no further row.
  void launch_and_keep_silent() {
    control_.add_row(test::domain(1, "a.test"));
    control_.set_snapshot(mail_snapshot(2, "one.test"));
    launch();
    ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
    postfix_->sees_rows = false;
  }
};

TEST_F(FeedTest, RowsThatADaemonDoesNotSeeYetAreNotReported) {
  launch_and_keep_silent();
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "probe"; }))
      << "says what it waits for";
  EXPECT_LT(control_.reports.back().revision, 3U);
  postfix_->sees_rows = true;
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
}

TEST_F(FeedTest, ARowThatADaemonDoesNotAnswerForIsSetAsideAndHoldsUpNoOther) {
  row_deadline_ = std::chrono::milliseconds{300};
  launch_and_keep_silent();
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
  ASSERT_EQ(control_.reports.back().set_aside.size(), 1U);
  const SetAsideRow row = control_.reports.back().set_aside.front();
  EXPECT_EQ(row.kind, RowKind::mailbox);
  EXPECT_EQ(row.key, "u@a.test");
  EXPECT_EQ(row.revision, 3U);
  EXPECT_EQ(row.daemon, "postfix");
  EXPECT_EQ(row.message, "rcpt: 451 not yet");
  EXPECT_TRUE(control_.wait([&] { return control_.status.set_aside_count == 1; }));
  postfix_->sees_rows = true;
  control_.add_row(mailbox_of(3, 4, "v@a.test", "$argon2id$y"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 4; }));
  EXPECT_TRUE(control_.reports.back().set_aside.empty());
  // A new agent tries it again.
  quit();
  launch();
  EXPECT_TRUE(control_.wait([&] { return control_.status.set_aside_count == 0; }));
  EXPECT_TRUE(
      eventually([&] { return lines_->count("a row that was set aside is applied") == 1; }));
}

TEST_F(FeedTest, ARowThatIsSetAsideAndComesAgainHasRecovered) {
  row_deadline_ = std::chrono::milliseconds{300};
  launch_and_keep_silent();
  FeedRow alias = test::alias(2, "sales@a.test", {"u@a.test"});
  alias.revision = 3;
  control_.add_row(alias);
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  ASSERT_EQ(control_.reports.back().set_aside.size(), 1U);
  postfix_->sees_rows = true;
  alias.seq = 3;
  alias.revision = 4;
  control_.add_row(alias);
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 4; }));
  ASSERT_EQ(control_.reports.back().recovered.size(), 1U);
  EXPECT_EQ(control_.reports.back().recovered.front().key, "sales@a.test");
  EXPECT_TRUE(control_.wait([&] { return control_.status.set_aside_count == 0; }));
}

TEST_F(FeedTest, ARowOfADomainThatTakesNoMailAnyMoreIsNotWaitedFor) {
  launch_and_keep_silent();
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "probe"; }));
  FeedRow off = test::domain(3, "a.test");
  off.revision = 4;
  off.content = DomainRow{.enabled = false};
  control_.add_row(off);
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 4; }))
      << "a domain that is off answers for nobody";
  EXPECT_TRUE(control_.reports.back().set_aside.empty());
}

TEST_F(FeedTest, ARowOfAHistoryThatHasEndedIsNeitherAskedForNorKept) {
  row_deadline_ = std::chrono::milliseconds{200};
  launch_and_keep_silent();
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "probe"; }));
  control_.restore({test::domain(1, "a.test")}, 4);
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 4; }));
  EXPECT_TRUE(control_.reports.back().set_aside.empty());
  EXPECT_EQ(control_.status.set_aside_count, 0U);
  quit();
  EXPECT_EQ(lines_->count("a row is set aside"), 0) << "to try it again would bring it back";
}

TEST_F(FeedTest, WhoseLoginEndedIsTurnedOut) {
  control_.add_row(mailbox_of(1, 1, "u@a.test", "$argon2id$x"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$another"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(postfix_->kicked, 1);
}

TEST_F(FeedTest, EverybodyOfADisabledDomainIsTurnedOutAndNobodyElse) {
  control_.add_row(test::domain(1, "a.test"));
  control_.add_row(test::domain(2, "b.test"));
  control_.add_row(mailbox_of(3, 1, "u@a.test", "$argon2id$x"));
  control_.add_row(mailbox_of(4, 1, "u@b.test", "$argon2id$x"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  launch();
  postfix_->sessions = {"u@a.test", "u@b.test", "u@a.test"};
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  FeedRow gone = test::domain(5, "a.test");
  gone.revision = 6;
  gone.content = DomainRow{.enabled = false};
  control_.add_row(gone);
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 6; }));
  EXPECT_EQ(postfix_->kicked, 2);
}

TEST_F(FeedTest, ARowThatADaemonServesOtherwiseIsToldAgain) {
  control_.add_row(test::site(1, "a.test", "1"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  serves_otherwise_ = true;
  launch();
  ASSERT_TRUE(eventually([&] { return lines_->count("a daemon no longer serves a row") == 1; }));
  EXPECT_TRUE(eventually([&] { return postfix_->rows_applied == 2; }));
}

TEST_F(FeedTest, AChallengeDoesNotWaitForTheReloadOfOthers) {
  control_.add_row(test::domain(1, "a.test"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  postfix_->sites_need_reload = true;
  control_.add_row(test::site(2, "a.test", "1"));
  ASSERT_TRUE(eventually([&] { return postfix_->rows_wait(); }));
  control_.add_row(test::http_challenge(3, "token", "a.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_TRUE(postfix_->sites_waited);
  EXPECT_EQ(postfix_->challenges_applied, 1) << "told once";
}

TEST_F(FeedTest, ARowThatIsAnsweredOtherwiseIsRefusedInTimeAndTakenBack) {
  answer_deadline_ = std::chrono::milliseconds{200};
  const auto certificate = [](std::uint64_t seq, const std::string& version) {
    return test::row(seq, "a.test", CertificateRow{.version = version, .names = {"a.test"}});
  };
  control_.add_row(certificate(1, "old"));
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  ASSERT_TRUE(eventually([&] { return postfix_->rows_proven == 1; }));
  const int reloads = postfix_->row_reloads;
  postfix_->answers_otherwise = 2;
  const auto began = std::chrono::steady_clock::now();
  control_.add_row(certificate(2, "new"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
  const ApplyReport report = control_.reports.back();
  ASSERT_EQ(report.set_aside.size(), 1U);
  EXPECT_EQ(report.set_aside[0].daemon, "postfix");
  EXPECT_EQ(report.set_aside[0].message, "SMTP on port 25 shows another certificate");
  EXPECT_TRUE(eventually([&] { return postfix_->row_reloads > reloads; }))
      << "the daemon reads what is back";
  EXPECT_EQ(postfix_->settled_rows(),
            (std::vector<std::string>{"a.test stays", "a.test goes back"}));
  // The control plane puts the old version in again.
  control_.add_row(certificate(3, "old"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_TRUE(control_.reports.back().set_aside.empty());
  EXPECT_EQ(control_.reports.back().recovered.size(), 1U);
}

TEST_F(FeedTest, ADaemonThatStillReadsIsNeitherJudgedNorToldToReadAgain) {
  answer_deadline_ = std::chrono::milliseconds{100};
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  postfix_->sites_need_reload = true;
  postfix_->answers_otherwise = 1;
  control_.add_row(test::site(1, "a.test", "1"));
  ASSERT_TRUE(eventually([&] { return postfix_->row_reloads == 1; }));
  postfix_->reads = true;
  control_.add_row(test::site(2, "b.test", "1"));
  // Longer than the pause between reloads, and than an answer counts.
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_EQ(postfix_->row_reloads, 1) << "another reload would only come on top";
  EXPECT_TRUE(postfix_->settled_rows().empty());
  // Now it has read the first row, and shows it.
  postfix_->answers_otherwise = 0;
  postfix_->reads = false;
  ASSERT_TRUE(eventually([&] { return postfix_->row_reloads == 2; }));
  ASSERT_TRUE(eventually([&] { return postfix_->settled_rows().size() == 2; }));
  EXPECT_EQ(postfix_->settled_rows(), (std::vector<std::string>{"a.test stays", "b.test stays"}));
}

TEST_F(FeedTest, WhatWasProvenBeforeIsOnlyRechecked) {
  control_.add_row(test::site(1, "a.test", "1"));
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(eventually([&] { return postfix_->rows_proven == 1; }));
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  quit();
  launch();
  EXPECT_TRUE(eventually([&] { return postfix_->rows_rechecked >= 1; }));
  EXPECT_EQ(postfix_->rows_proven, 0);
}

TEST_F(FeedTest, OfVeryManyRowsLittleIsAsked) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const auto named = [](std::uint64_t seq, Revision revision) {
    FeedRow row = test::site(seq, fmt::format("a{}.test", seq), "1");
    row.revision = revision;
    return row;
  };
  control_.add_rows([&] {
    std::vector<FeedRow> rows;
    for (std::uint64_t i = 1; i <= 60; ++i) {
      rows.push_back(named(i, 2));
    }
    return rows;
  }());
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(postfix_->rows_rechecked, 60);
  EXPECT_EQ(postfix_->rows_proven, 0);
}

TEST_F(FeedTest, ADamagedDirectoryEndsTheAgentWithItsReason) {
  control_.add_row(test::domain(1, "a.test"));
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  for (const char* suffix : {"", "-wal"}) {
    test::damage(folder_ / "state/replica/replica.db" + suffix);
  }
  ends_with_ = "directory_damaged";
  postfix_->sees_rows = false;
  control_.add_row(mailbox_of(2, 2, "second@a.test", "$argon2id$y"));
  ASSERT_TRUE(eventually([&] { return lines_->count("] stopped") == 1; }));
  quit();
  launch();
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
  EXPECT_EQ(agent_->board().status().feed_seq, 2U);
}

TEST_F(FeedTest, AnEmptyDirectoryThatCouldNotBeOpenedAtFirstMeansANewStart) {
  serve_once_and_lose_the_directory();
  std::ofstream(folder_ / "state/replica") << "in the way";
  ends_with_ = "directory_empty";
  launch();
  ASSERT_TRUE(eventually([&] { return lines_->count("cannot be opened; trying again") == 1; }));
  std::filesystem::remove(folder_ / "state/replica");
  ASSERT_TRUE(eventually([&] { return lines_->count("] stopped") == 2; }))
      << "daemons run, and would refuse everybody's mail";
  quit();
  launch();
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

}  // namespace
}  // namespace podplay::agent
