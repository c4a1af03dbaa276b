// A level holds for a while, reaches the agents with the snapshot, and ends by itself.
#include "control/watch/log_levels.hpp"

#include <gmock/gmock.h>

#include "control/control_test.hpp"
#include "control/jobs/jobs.hpp"
#include "control/jobs/run.hpp"
#include "model/job.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

class LogLevelsTest : public test::ControlTest {
 protected:
  LogLevelView view(std::string_view component) {
    const auto levels = list_log_levels(context).value();
    return *std::ranges::find(levels, component, &LogLevelView::component);
  }
  std::string level_in_mails_snapshot() {
    const auto work = ask_for_work(ServiceName::mail);
    return work && work->snapshot ? std::get<MailSnapshot>(work->snapshot->body).log_level : "";
  }
  Status end_what_is_due() {
    Job job{};
    job.kind = std::string(kLevelJob);
    JobRun run(context, job, 0, [] { return false; });
    return end_log_levels(context, run);
  }
};

TEST_F(LogLevelsTest, HoldsForAWhileAndEndsByItself) {
  ASSERT_EQ(level_in_mails_snapshot(), "INFO");
  settle_everything();
  const auto set =
      set_log_levels(context, admin, {.component = "mail", .level = "debug", .seconds = 600}, {});
  ASSERT_TRUE(set) << describe(set.error());
  EXPECT_EQ(set->services, std::vector{ServiceName::mail}) << "no other service reloads";
  EXPECT_EQ(view("mail").level, Level::debug);
  EXPECT_EQ(view("mail").configured, Level::info);
  EXPECT_LE(view("mail").until, context.clock.now() + 600s);
  EXPECT_EQ(level_in_mails_snapshot(), "DEBUG");
  const auto jobs = list_jobs(context, {.kind = std::string(kLevelJob)}, 0, 10).value();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].due, view("mail").until);

  plane.clock.moved += 601s;
  EXPECT_EQ(view("mail").level, Level::info);
  settle_everything();
  ASSERT_TRUE(end_what_is_due());
  EXPECT_EQ(level_in_mails_snapshot(), "INFO") << "the end is a revision that agents get";
}

TEST_F(LogLevelsTest, OurOwnLoggersFollowAtOnce) {
  const Logger log({}, "api", plane.log_levels.shared("api"), LogFormat::text);
  EXPECT_FALSE(log.enabled(Level::trace));
  ASSERT_TRUE(set_log_levels(context, admin, {.component = "api", .level = "TRACE"}, {}));
  EXPECT_TRUE(log.enabled(Level::trace));
  EXPECT_GT(view("api").until, context.clock.now() + 890s) << "15 minutes when nothing is said";
  // As after a restart.
  plane.log_levels.use({});
  EXPECT_FALSE(log.enabled(Level::trace));
  ASSERT_TRUE(recall_log_levels(context));
  EXPECT_TRUE(log.enabled(Level::trace));
  plane.clock.moved += 901s;
  ASSERT_TRUE(end_what_is_due());
  EXPECT_FALSE(log.enabled(Level::trace));
}

TEST_F(LogLevelsTest, EndsEarlyWhenAsked) {
  ASSERT_TRUE(set_log_levels(context, admin, {.component = "all", .level = "DEBUG"}, {}));
  EXPECT_EQ(view("dns").level, Level::debug);
  ASSERT_TRUE(set_log_levels(context, admin, {.component = "all"}, {}));
  for (const LogLevelView& one : list_log_levels(context).value()) {
    EXPECT_EQ(one.level, Level::info);
    EXPECT_EQ(one.until, WallTime{});
  }
}

TEST_F(LogLevelsTest, ARehearsalChangesNothing) {
  const auto done =
      set_log_levels(context, admin, {.component = "api", .level = "TRACE"}, {.dry_run = true});
  ASSERT_TRUE(done);
  EXPECT_EQ(view("api").level, Level::info);
  EXPECT_EQ(plane.log_levels.shared("api")->load(), Level::info);
}

TEST_F(LogLevelsTest, NamesEveryFault) {
  const auto done =
      set_log_levels(context, admin, {.component = "cat", .level = "LOUD", .seconds = 90000}, {});
  ASSERT_FALSE(done);
  ASSERT_EQ(done.error().faults.size(), 3U);
  EXPECT_THAT(done.error().faults[0].remedy, testing::HasSubstr("mail"));
}

TEST_F(LogLevelsTest, TheAnswerToAnAgentNamesTheRequest) {
  settle_everything();
  ASSERT_TRUE(set_log_levels(context, admin, {.component = "mail", .level = "DEBUG"}, {}));
  const auto work = ask_for_work(ServiceName::mail);
  ASSERT_TRUE(work);
  EXPECT_EQ(work->request, admin.request_id());
  EXPECT_EQ(work->snapshot->request, admin.request_id());
}

}  // namespace
}  // namespace podplay::control
