// The runner against a real store: jobs run once, are tried again, survive their program, and stop.
#include "control/jobs/runner.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "control/jobs/jobs.hpp"
#include "control/jobs/run.hpp"
#include "control/plane.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kLongest{10'000};

// The script and the counters of the handlers below; each test resets them.
struct Script {
  std::atomic<int> calls{0};
  std::atomic<int> failures{0};
  std::atomic<int> stopped{0};
};
Script script;

Status work(Context&, JobRun& run) {
  ++script.calls;
  run.step("look");
  run.say("3 found in " + run.subject());
  run.step("erase");
  run.progress(1, 2);
  if (script.failures > 0) {
    --script.failures;
    return fail(ErrorKind::io, "no", "the disk is away");
  }
  return {};
}

Status defect(Context&, JobRun&) { throw std::runtime_error("surprise"); }

Status wait_for_stop(Context&, JobRun& run) {
  ++script.calls;
  run.step("wait");
  while (run.pause(10ms)) {
  }
  ++script.stopped;
  return JobRun::stopped();
}

Status work_long(Context&, JobRun& run) {
  ++script.calls;
  return run.pause(400ms) ? Status{} : JobRun::stopped();
}

constexpr JobKind kKinds[] = {
    {.name = "work",
     .help = "",
     .retry = {.first = std::chrono::hours(1), .longest = std::chrono::hours(6)},
     .run = work},
    {.name = "quick", .help = "", .retry = {.first = 10ms, .most_attempts = 3}, .run = work},
    {.name = "defect", .help = "", .retry = {.most_attempts = 1}, .run = defect},
    {.name = "daily", .help = "", .interval = std::chrono::hours(24), .run = work},
    {.name = "endless", .help = "", .run = wait_for_stop},
    {.name = "long", .help = "", .run = work_long},
    {.name = "notice", .help = "", .only_active = true, .run = work},
    {.name = "slow_notice",
     .help = "",
     .threads = JobThreads::outside,
     .only_active = true,
     .run = work},
};

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    script.calls = 0;
    script.failures = 0;
    script.stopped = 0;
  }
  static std::unique_ptr<JobRunner> make_runner(Context& context, milliseconds lease = 60s) {
    JobRunnerOptions options;
    options.lease = lease;
    options.longest_sleep = 50ms;
    // No jitter.
    options.random = [] { return 0.5; };
    auto runner = std::make_unique<JobRunner>(context, kKinds, std::move(options));
    test::Plane::must(runner->start());
    return runner;
  }
  Job add(const std::string& kind, const std::string& subject = {}) {
    return start_job(plane_.context(), {.kind = kind, .subject = subject, .request_id = "r"})
        .value();
  }
  JobDetails read(std::int64_t id, milliseconds wait = kLongest) {
    return get_job(plane_.context(), Actor::system(), std::to_string(id), wait).value();
  }
  void insert(const Job& job, const std::vector<JobStep>& steps = {}) {
    const auto done =
        plane_.store->write<bool>([&](store::Transaction& transaction) -> Result<bool> {
          store::insert_job(transaction, job);
          for (const JobStep& step : steps) {
            store::put_job_step(transaction, job.id, step);
          }
          return true;
        });
    test::Plane::must(done ? Status{} : std::unexpected(done.error()));
  }
  template <class Condition>
  static bool wait_until(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    return condition();
  }

  test::Plane plane_;
};

TEST_F(RunnerTest, AJobRunsAtOnceAndTellsItsSteps) {
  const auto runner = make_runner(plane_.context());
  const JobDetails found = read(add("work", "a.test").id);
  EXPECT_EQ(found.job.state, JobState::done);
  EXPECT_EQ(found.job.progress, 100);
  EXPECT_EQ(found.job.attempts, 1);
  EXPECT_EQ(found.job.lease_owner, "");
  EXPECT_NE(found.job.finished, WallTime{});
  ASSERT_EQ(found.steps.size(), 2U);
  EXPECT_EQ(found.steps[0].name, "look");
  EXPECT_EQ(found.steps[0].words, "3 found in a.test");
  EXPECT_EQ(found.steps[0].state, JobState::done);
  EXPECT_EQ(found.steps[1].state, JobState::done);
  EXPECT_EQ(script.calls, 1);
}

TEST_F(RunnerTest, WhoStandsByLeavesTheJobsOfTheActiveOne) {
  std::atomic<bool> active = false;
  JobRunnerOptions options;
  options.longest_sleep = 50ms;
  options.is_active = [&active] { return active.load(); };
  JobRunner runner(plane_.context(), kKinds, std::move(options));
  const std::int64_t notice = add("notice").id;
  const std::int64_t slow = add("slow_notice").id;
  test::Plane::must(runner.start());
  EXPECT_EQ(read(add("work").id).job.state, JobState::done) << "others are shared";
  for (const std::int64_t id : {notice, slow}) {
    EXPECT_EQ(read(id, 0ms).job.state, JobState::waiting);
    EXPECT_EQ(read(id, 0ms).job.attempts, 0);
  }
  active = true;
  EXPECT_EQ(read(notice).job.state, JobState::done);
  EXPECT_EQ(read(slow).job.state, JobState::done);
}

TEST_F(RunnerTest, AFailureWaitsLongerEachTime) {
  script.failures = 2;
  const auto runner = make_runner(plane_.context());
  const std::int64_t id = add("work").id;
  ASSERT_TRUE(wait_until([&] { return !read(id, 0ms).job.last_error.empty(); }));
  const JobDetails first = read(id, 0ms);
  EXPECT_EQ(first.job.state, JobState::waiting);
  EXPECT_EQ(first.job.last_error, "the disk is away");
  EXPECT_EQ(first.job.progress, 50);
  EXPECT_EQ(first.steps.back().state, JobState::failed);
  EXPECT_EQ(first.steps.back().words, "the disk is away");
  EXPECT_NEAR(static_cast<double>((first.job.due - first.job.started).count()), 3.6e6, 1e5);

  Job fourth;
  fourth.id = 1000;
  fourth.kind = "work";
  fourth.subject = "fourth";
  fourth.attempts = 3;
  insert(fourth);
  plane_.jobs.wake();
  ASSERT_TRUE(wait_until([&] { return read(1000, 0ms).job.attempts == 4; }));
  ASSERT_TRUE(wait_until([&] { return read(1000, 0ms).job.state == JobState::waiting; }));
  const Job again = read(1000, 0ms).job;
  EXPECT_NEAR(static_cast<double>((again.due - again.started).count()), 6 * 3.6e6, 1e5)
      << "eight hours, but six are the longest";
}

TEST_F(RunnerTest, SomeKindsFailForGoodAndCanBeRunAgain) {
  script.failures = 3;
  const auto runner = make_runner(plane_.context());
  const std::int64_t id = add("quick").id;
  const JobDetails failed = read(id);
  EXPECT_EQ(failed.job.state, JobState::failed);
  EXPECT_EQ(failed.job.attempts, 3);
  EXPECT_EQ(failed.steps.size(), 6U) << "those of all attempts";
  const Actor admin = plane_.make_admin();
  ASSERT_TRUE(run_job(plane_.context(), admin, std::to_string(id)));
  EXPECT_EQ(read(id).job.state, JobState::done);
  EXPECT_EQ(read(id).job.request_id, "request");
}

TEST_F(RunnerTest, ADefectAndAnUnknownKindFail) {
  const auto runner = make_runner(plane_.context());
  const JobDetails defect = read(add("defect").id);
  EXPECT_EQ(defect.job.state, JobState::failed);
  EXPECT_NE(defect.job.last_error.find("surprise"), std::string::npos);
  const JobDetails unknown = read(add("from_the_future").id);
  EXPECT_EQ(unknown.job.state, JobState::failed);
  EXPECT_NE(unknown.job.last_error.find("from_the_future"), std::string::npos);
}

TEST_F(RunnerTest, WhatADeadProgramRanIsResumedAtStart) {
  Job cut;
  cut.id = 1000;
  cut.kind = "work";
  cut.state = JobState::running;
  cut.attempts = 1;
  cut.lease_owner = "dead";
  cut.lease_until = plane_.clock.now() + 1h;
  insert(cut, {{.number = 1, .name = "look", .at = plane_.clock.now()}});
  const auto runner = make_runner(plane_.context());
  const JobDetails found = read(1000);
  EXPECT_EQ(found.job.state, JobState::done);
  EXPECT_EQ(found.job.attempts, 2);
  ASSERT_EQ(found.steps.size(), 3U);
  EXPECT_EQ(found.steps[0].state, JobState::failed);
  EXPECT_EQ(found.steps[0].words, "the program that ran it ended");
  EXPECT_EQ(found.steps[1].number, 2);
}

TEST_F(RunnerTest, AnotherProgramTakesOverWhenALeaseEnds) {
  const auto runner = make_runner(plane_.context());
  Job cut;
  cut.id = 1000;
  cut.kind = "work";
  cut.state = JobState::running;
  cut.attempts = 1;
  cut.lease_owner = "other";
  cut.lease_until = plane_.clock.now() + 300ms;
  insert(cut);
  EXPECT_EQ(read(1000, 0ms).job.state, JobState::running);
  EXPECT_EQ(read(1000).job.state, JobState::done);
  EXPECT_GE(read(1000).job.started, cut.lease_until);
}

TEST_F(RunnerTest, TwoRunnersShareTheWork) {
  const auto one = make_runner(plane_.context());
  const auto two = make_runner(plane_.context());
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(add("work", std::to_string(i)).id);
  }
  for (const std::int64_t id : ids) {
    EXPECT_EQ(read(id).job.state, JobState::done);
  }
  EXPECT_EQ(script.calls, 20);
}

TEST_F(RunnerTest, ALeaseIsRenewedWhileTheJobRuns) {
  const auto one = make_runner(plane_.context(), 150ms);
  const auto two = make_runner(plane_.context(), 150ms);
  EXPECT_EQ(read(add("long").id).job.attempts, 1);
  EXPECT_EQ(script.calls, 1);
}

TEST_F(RunnerTest, StoppingLeavesTheJobForTheNextStart) {
  auto runner = make_runner(plane_.context());
  const std::int64_t id = add("endless").id;
  ASSERT_TRUE(wait_until([] { return script.calls == 1; }));
  runner->stop();
  EXPECT_EQ(script.stopped, 1);
  const Job left = read(id, 0ms).job;
  EXPECT_EQ(left.state, JobState::waiting);
  EXPECT_EQ(left.attempts, 0) << "that was no failure of its own";
  runner = make_runner(plane_.context());
  EXPECT_TRUE(wait_until([] { return script.calls == 2; }));
}

TEST_F(RunnerTest, WhoLosesTheLeaseLeavesOffAndWritesNothing) {
  auto runner = make_runner(plane_.context(), 90ms);
  const std::int64_t id = add("endless").id;
  ASSERT_TRUE(wait_until([] { return script.calls == 1; }));
  const std::string owner = read(id, 0ms).job.lease_owner;
  const auto stolen =
      plane_.store->write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        return store::end_job(transaction, id, owner,
                              {.state = JobState::failed, .last_error = "by another"});
      });
  ASSERT_TRUE(stolen && *stolen);
  EXPECT_TRUE(wait_until([] { return script.stopped == 1; }));
  runner.reset();
  EXPECT_EQ(read(id, 0ms).job.last_error, "by another");
  EXPECT_EQ(read(id, 0ms).job.state, JobState::failed);
}

TEST_F(RunnerTest, APeriodicJobComesBack) {
  const auto runner = make_runner(plane_.context());
  const JobDetails waiting = get_job(plane_.context(), Actor::system(), "daily", 0ms).value();
  EXPECT_EQ(waiting.job.state, JobState::waiting);
  EXPECT_NEAR(static_cast<double>((waiting.job.due - waiting.job.created).count()), 24 * 3.6e6, 1);
  const Actor admin = plane_.make_admin();
  ASSERT_TRUE(run_job(plane_.context(), admin, "daily"));
  EXPECT_EQ(read(waiting.job.id).job.state, JobState::done);
  const JobDetails next = get_job(plane_.context(), Actor::system(), "daily", 0ms).value();
  EXPECT_NE(next.job.id, waiting.job.id);
  EXPECT_EQ(next.job.state, JobState::waiting);
  EXPECT_GT(next.job.due, waiting.job.due);
}

}  // namespace
}  // namespace podplay::control
