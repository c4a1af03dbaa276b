// Jobs are added and run now, without a runner.
#include "control/jobs/jobs.hpp"

#include <gtest/gtest.h>

#include "control/audit.hpp"
#include "control/plane.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

TEST(Jobs, AddingTheSameTwiceIsOneJobAtTheEarlierTime) {
  test::Plane plane;
  Context& context = plane.context();
  const WallTime now = plane.clock.now();
  const Job late =
      start_job(context, {.kind = "work", .subject = "a.test", .due = now + 10h}).value();
  const Job early =
      start_job(context, {.kind = "work", .subject = "a.test", .due = now + 1h}).value();
  EXPECT_EQ(late.id, early.id);
  EXPECT_EQ(early.due, now + 1h);
  EXPECT_EQ(start_job(context, {.kind = "work", .subject = "a.test", .due = now + 5h})->due,
            now + 1h);
  EXPECT_NE(start_job(context, {.kind = "work", .subject = "b.test"})->id, late.id);
  EXPECT_EQ(list_jobs(context, {.kind = "work"}, 0, 10)->size(), 2U);
}

TEST(Jobs, RunningNowIsRefusedWithTheReasonWhenItIsNotPossible) {
  test::Plane plane;
  Context& context = plane.context();
  const Actor admin = plane.make_admin();
  EXPECT_EQ(run_job(context, admin, "7777").error().code, "job_unknown");
  EXPECT_EQ(run_job(context, admin, "no_kind").error().code, "job_unknown");

  const WallTime now = plane.clock.now();
  const Job job = start_job(context, {.kind = "work", .due = now + 10h}).value();
  const auto run = run_job(context, admin, "work");
  ASSERT_TRUE(run) << describe(run.error());
  EXPECT_EQ(run->job.id, job.id);
  EXPECT_LE(run->job.due, plane.clock.now());
  EXPECT_EQ(list_audit(context, 0, 1)->at(0).event, "JOB_RUN");
  EXPECT_EQ(list_audit(context, 0, 1)->at(0).subject, "work");

  const auto end = [&](std::int64_t id, JobState state) {
    const auto done =
        plane.store->write<bool>([&](store::Transaction& transaction) -> Result<bool> {
          const auto taken = store::take_due_job(
              transaction, {.owner = "me", .now = plane.clock.now(), .until = now + 10h});
          return taken && taken->id == id &&
                 (state == JobState::running ||
                  store::end_job(transaction, id, "me", {.state = state}));
        });
    ASSERT_TRUE(done && *done);
  };
  end(job.id, JobState::failed);
  const Job second = start_job(context, {.kind = "work"}).value();
  const auto taken = run_job(context, admin, std::to_string(job.id));
  EXPECT_EQ(taken.error().code, "job_open");
  EXPECT_EQ(taken.error().remedy, "run that one: podplay jobs run " + std::to_string(second.id));
  end(second.id, JobState::running);
  EXPECT_EQ(run_job(context, admin, std::to_string(second.id)).error().code, "job_running");
  const auto ended = plane.store->write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    return store::end_job(transaction, second.id, "me", {.state = JobState::done});
  });
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ(run_job(context, admin, std::to_string(second.id)).error().code, "job_done");
  EXPECT_TRUE(run_job(context, admin, std::to_string(job.id))) << "nothing of the kind is open now";
}

}  // namespace
}  // namespace podplay::control
