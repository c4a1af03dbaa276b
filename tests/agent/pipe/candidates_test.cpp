// Candidates: the checkers judge a snapshot, and a dry run leaves nothing behind.
#include "agent/pipe/candidates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/fakes.hpp"

namespace podplay::agent {
namespace {

using testing::HasSubstr;

class CandidatesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto daemon = std::make_unique<FakeDaemon>("postfix");
    postfix_ = daemon.get();
    service_.service = ServiceName::mail;
    service_.daemons.push_back(std::move(daemon));
    ASSERT_TRUE(files_.make_dirs(folder_ / "templates", 0755));
    ASSERT_TRUE(files_.make_dirs(folder_ / "scratch", 0755));
    ASSERT_TRUE(releases_.open());
    const Snapshot snapshot = mail_snapshot(1, "one.test");
    const auto release = releases_.write(*candidates_.render(snapshot), snapshot, "hash");
    ASSERT_TRUE(release);
    ASSERT_TRUE(releases_.install(*release));
  }

  Folder folder_;
  RealFiles files_;
  NoRunner runner_;
  FakeDaemon* postfix_ = nullptr;
  daemons::ServiceDescription service_;
  Releases releases_{files_, folder_ / "state", silent_logger()};
  Candidates candidates_{
      {.service = service_, .releases = releases_, .runner = runner_, .files = files_},
      {.templates = folder_ / "templates",
       .overrides = folder_ / "overrides",
       .scratch = folder_ / "scratch"}};
};

TEST_F(CandidatesTest, ADryRunSaysWhatWouldChangeAndLeavesNoTrace) {
  const auto before = std::filesystem::last_write_time(folder_ / "state/releases");
  const auto verdict = candidates_.dry_run(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(verdict) << describe(verdict.error());
  EXPECT_TRUE(verdict->ok);
  EXPECT_EQ(verdict->files_changed, 1);
  EXPECT_THAT(verdict->diff, HasSubstr("+myhostname = two.test"));
  EXPECT_THAT(postfix_->checked, HasSubstr("scratch")) << "not the running release";
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "state/releases"), before);
  EXPECT_EQ(files_.read(folder_ / "state/current/etc/postfix/main.cf").value(),
            "myhostname = one.test\n");
  EXPECT_EQ(postfix_->reloads, 0);
  EXPECT_TRUE(files_.list(folder_ / "scratch")->empty());
}

TEST_F(CandidatesTest, TheCheckerThatRefusesIsNamedWithItsWords) {
  postfix_->check_says = "fatal: no";
  const auto verdict = candidates_.dry_run(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->ok);
  EXPECT_EQ(verdict->words, "postfix: fatal: no");
  EXPECT_TRUE(files_.list(folder_ / "scratch")->empty());
}

TEST_F(CandidatesTest, ATemplateThatCannotBeRenderedIsRefusedBeforeTheCheckers) {
  const auto verdict = candidates_.dry_run(mail_snapshot(2, "unrenderable"));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->ok);
  EXPECT_THAT(verdict->words, HasSubstr("hots_name"));
  EXPECT_EQ(postfix_->checks, 0);
}

TEST_F(CandidatesTest, WhatCannotBeTriedIsAnErrorAndNotAVerdict) {
  std::filesystem::remove(folder_ / "scratch");
  EXPECT_FALSE(candidates_.dry_run(mail_snapshot(2, "two.test")));
}

}  // namespace
}  // namespace podplay::agent
