// Answers of the control plane, one after the other: the link is lost, snapshots are refused and
// tried again.
#include "agent/follower.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using FollowerTest = AgentTest;

TEST_F(FollowerTest, LosesTheLinkQuietlyAndFindsItAgain) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  const int port = control_.port();
  control_.stop();
  ASSERT_TRUE(eventually([&] { return !agent_->board().figures.linked; }));
  std::this_thread::sleep_for(700ms);
  EXPECT_EQ(lines_->count("the control plane is away"), 1)
      << "one line, whatever the number of attempts";
  EXPECT_EQ(agent_->board().status().state, "ready");
  control_.waits.clear();
  control_.start(port);
  ASSERT_TRUE(control_.wait([&] { return !control_.waits.empty(); }));
  EXPECT_EQ(control_.waits.front(), 0) << "nothing is to be done, and it is told at once";
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(lines_->count("linked to the control plane"), 2)
      << "a request of before the return, which fails only now, does not count";
}

TEST_F(FollowerTest, ARefusedSnapshotIsReportedOnceAndStillStandsForTheNextRevision) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  control_.set_snapshot(mail_snapshot(2, "unrenderable"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  EXPECT_EQ(control_.reports.back().running, 1U);
  control_.add_row(mailbox_of(1, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied) << "the directory goes on";
}

TEST_F(FollowerTest, WhatWasRefusedIsTriedAgainWithTheNextChangeOfFiles) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  postfix_->check_says = "fatal: the override is broken";
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  postfix_->check_says = "";
  // A new revision asks for the same files.
  control_.set_snapshot(mail_snapshot(3, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
  EXPECT_EQ(control_.reports.back().running, 3U) << "not only said so";
}

TEST_F(FollowerTest, WordsOfAnyCodingAreReported) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  postfix_->check_says = "fatal: unknown name 'gr\xf6sse'";
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  EXPECT_THAT(control_.reports.back().message, HasSubstr("unknown name 'gr"));
}

}  // namespace
}  // namespace podplay::agent
