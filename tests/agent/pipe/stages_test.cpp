// The pipe with fake daemons: a failure in each stage, and the state that it leaves.
#include "agent/pipe/stages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/fakes.hpp"

namespace podplay::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StagesTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"dovecot", "postfix"}) {
      auto daemon = std::make_unique<FakeDaemon>(name);
      (std::string(name) == "postfix" ? postfix_ : dovecot_) = daemon.get();
      service_.daemons.push_back(std::move(daemon));
    }
    service_.service = ServiceName::mail;
    ASSERT_TRUE(files_.make_dirs(folder_ / "templates", 0755).has_value());
    ASSERT_TRUE(files_.make_dirs(folder_ / "scratch", 0755).has_value());
    ASSERT_TRUE(releases_.open().has_value());
    candidates_ = std::make_unique<Candidates>(
        Candidates::Parts{
            .service = service_, .releases = releases_, .runner = runner_, .files = files_},
        CandidateOptions{.templates = folder_ / "templates",
                         .overrides = folder_ / "overrides",
                         .scratch = folder_ / "scratch"});
    make_stages({.start_deadline = std::chrono::milliseconds{50},
                 .reload_deadline = std::chrono::milliseconds{50}});
  }
  void make_stages(PipeOptions options) {
    stages_ =
        std::make_unique<Stages>(Stages::Parts{.service = service_,
                                               .candidates = *candidates_,
                                               .releases = releases_,
                                               .runner = runner_,
                                               .processes = processes_,
                                               .files = files_,
                                               .clock = clock_,
                                               .board = board_,
                                               .domains = [] { return Names{"a.test", "b.test"}; }},
                                 std::move(options), silent_logger());
  }
  using Names = std::vector<std::string>;
  ApplyReport apply(Revision revision, const std::string& host) {
    return *stages_->apply(mail_snapshot(revision, host), "hash");
  }
  std::string live() {
    return files_.read(folder_ / "state/current/etc/postfix/main.cf").value_or("nothing");
  }

  Folder folder_;
  RealFiles files_;
  SystemClock clock_;
  NoRunner runner_;
  FakeProcesses processes_;
  FakeDaemon* postfix_ = nullptr;
  FakeDaemon* dovecot_ = nullptr;
  daemons::ServiceDescription service_;
  Releases releases_{files_, folder_ / "state", silent_logger()};
  Board board_{ServiceName::mail, processes_, false};
  std::unique_ptr<Candidates> candidates_;
  std::unique_ptr<Stages> stages_;
};

TEST_F(StagesTest, WhatWaitedIsTriedWhenAllDaemonsAreReadyAgain) {
  apply(7, "one.test");
  EXPECT_EQ(postfix_->times_tried, 1);
  EXPECT_EQ(postfix_->domains_tried, 2);
  stages_->look();
  EXPECT_EQ(postfix_->times_tried, 1) << "nothing has changed";
  dovecot_->probe_refuses = "one.test";
  stages_->look();
  EXPECT_EQ(postfix_->times_tried, 1);
  dovecot_->probe_refuses = "unprobable";
  stages_->look();
  EXPECT_EQ(postfix_->times_tried, 2);
  ASSERT_TRUE(stages_->restart("dovecot"));
  EXPECT_EQ(postfix_->times_tried, 3) << "also when nobody saw that it was away";
}

TEST_F(StagesTest, TheFirstSnapshotStartsTheDaemonsInOrder) {
  EXPECT_EQ(board_.status().state, "starting");
  const ApplyReport report = apply(7, "one.test");
  EXPECT_EQ(report.state, ApplyState::applied) << report.message;
  EXPECT_EQ(report.running, 7U);
  EXPECT_THAT(processes_.started, ElementsAre("dovecot", "postfix"));
  EXPECT_EQ(postfix_->reloads, 0);
  EXPECT_EQ(board_.status().state, "ready");
  EXPECT_TRUE(releases_.current()->good);
}

TEST_F(StagesTest, AChangeIsReloadedNotRestarted) {
  apply(1, "one.test");
  EXPECT_EQ(apply(2, "two.test").state, ApplyState::applied);
  EXPECT_EQ(live(), "myhostname = two.test\n");
  EXPECT_EQ(postfix_->reloads, 1);
  EXPECT_THAT(postfix_->last_changed, ElementsAre("etc/dovecot/main.cf", "etc/postfix/main.cf"));
  EXPECT_EQ(processes_.started.size(), 2U);
}

TEST_F(StagesTest, UnchangedFilesAreNotInstalledAgain) {
  apply(1, "one.test");
  const auto number = releases_.current()->number;
  const ApplyReport report = apply(2, "one.test");
  EXPECT_EQ(report.state, ApplyState::applied);
  EXPECT_EQ(report.running, 2U);
  EXPECT_EQ(releases_.current()->number, number);
  EXPECT_EQ(postfix_->checks, 1);
  EXPECT_EQ(postfix_->reloads, 0);
}

TEST_F(StagesTest, ARefusingCheckLeavesTheServiceUntouched) {
  apply(1, "one.test");
  postfix_->check_says = "fatal: bad boolean configuration: smtpd_tls = perhaps";
  const ApplyReport report = apply(2, "two.test");
  EXPECT_EQ(report.state, ApplyState::refused);
  EXPECT_EQ(report.stage, Stage::check);
  EXPECT_EQ(report.daemon, "postfix");
  EXPECT_THAT(report.message, HasSubstr("bad boolean"));
  EXPECT_EQ(report.running, 1U);
  EXPECT_EQ(live(), "myhostname = one.test\n");
  EXPECT_EQ(postfix_->reloads, 0);
  EXPECT_EQ(files_.list(folder_ / "state/releases")->size(), 1U);
  EXPECT_EQ(board_.status().state, "ready");
}

TEST_F(StagesTest, ABrokenTemplateIsRefusedAtRender) {
  const ApplyReport report = apply(1, "unrenderable");
  EXPECT_EQ(report.stage, Stage::render);
  EXPECT_EQ(report.daemon, "dovecot");
  EXPECT_THAT(report.message, HasSubstr("hots_name"));
  EXPECT_THAT(board_.status().message, HasSubstr("hots_name"))
      << "told to who waits for the first start";
}

TEST_F(StagesTest, ANewCertificateThatIsNotShownGoesBackSooner) {
  make_stages({.reload_deadline = std::chrono::seconds{20},
               .answer_deadline = std::chrono::milliseconds{50}});
  apply(1, "one.test");
  Snapshot next = mail_snapshot(2, "unprobable");
  std::get<MailSnapshot>(next.body).certificate = {"unprobable", "new"};
  postfix_->probe_refuses = "unprobable";
  const auto began = std::chrono::steady_clock::now();
  const auto report = stages_->apply(next, "hash");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{10});
  EXPECT_EQ(report->state, ApplyState::refused);
  EXPECT_EQ(live(), "myhostname = one.test\n");
}

TEST_F(StagesTest, ARefusingProbeGoesBack) {
  apply(1, "one.test");
  const ApplyReport report = apply(2, "unprobable");
  EXPECT_EQ(report.state, ApplyState::refused);
  EXPECT_EQ(report.stage, Stage::probe);
  EXPECT_EQ(report.daemon, "dovecot");
  EXPECT_THAT(report.message, HasSubstr("421"));
  EXPECT_EQ(report.running, 1U);
  EXPECT_EQ(live(), "myhostname = one.test\n");
  EXPECT_EQ(postfix_->reloads, 2) << "there and back";
  EXPECT_EQ(files_.list(folder_ / "state/releases")->size(), 1U);
  EXPECT_EQ(board_.status().state, "ready");
  EXPECT_EQ(board_.figures.rolled_back, 1U);
}

TEST_F(StagesTest, StartsFromDiskWithoutTheControlPlane) {
  apply(5, "one.test");
  FakeProcesses processes;
  Releases releases(files_, folder_ / "state", silent_logger());
  ASSERT_TRUE(releases.open().has_value());
  Board board(ServiceName::mail, processes, false);
  Candidates nowhere(
      {.service = service_, .releases = releases, .runner = runner_, .files = files_},
      {.templates = folder_ / "nowhere"});
  Stages again({.service = service_,
                .candidates = nowhere,
                .releases = releases,
                .runner = runner_,
                .processes = processes,
                .files = files_,
                .clock = clock_,
                .board = board},
               {}, silent_logger());
  EXPECT_TRUE(again.start_current());
  EXPECT_THAT(processes.started, ElementsAre("dovecot", "postfix"));
  EXPECT_EQ(board.status().state, "ready");
  EXPECT_EQ(board.status().revision, 5U);
}

TEST_F(StagesTest, RestartsOneDaemonOrSaysWhoIsUnknown) {
  EXPECT_FALSE(stages_->restart("postfix").has_value()) << "nothing runs yet";
  apply(1, "one.test");
  EXPECT_TRUE(stages_->restart("postfix").has_value());
  EXPECT_THAT(processes_.started, ElementsAre("dovecot", "postfix", "postfix"));
  EXPECT_FALSE(stages_->restart("sendmail").has_value());
}

}  // namespace
}  // namespace podplay::agent
