// The retention jobs delete old rows and keep those that are still needed.
#include "control/jobs/retention.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/audit.hpp"
#include "control/audit_chain.hpp"
#include "control/jobs/jobs.hpp"
#include "control/jobs/kinds.hpp"
#include "control/jobs/run_job.hpp"
#include "control/plane.hpp"
#include "store/agents.hpp"
#include "store/answers.hpp"
#include "store/audit.hpp"
#include "store/health_changes.hpp"
#include "store/revisions.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

class RetentionTest : public testing::Test {
 protected:
  std::string run_kind(std::string_view name) { return test::run_job(plane_, name); }
  void write(const std::function<void(store::Transaction&)>& work) {
    const auto done =
        plane_.store->write<bool>([&](store::Transaction& transaction) -> Result<bool> {
          work(transaction);
          return true;
        });
    test::Plane::must(done ? Status{} : std::unexpected(done.error()));
  }
  void set(const std::string& setting, const std::string& value) {
    plane_.settings =
        effective_settings({{"PODPLAY_DOMAIN", "example.test"}, {setting, value}}).value();
  }
  WallTime ago(std::chrono::hours age) { return plane_.clock.now() - age; }

  test::Plane plane_;
};

TEST_F(RetentionTest, EveryKindIsDescribed) {
  for (const JobKind& kind : job_kinds()) {
    EXPECT_FALSE(kind.help.empty()) << kind.name;
    EXPECT_NE(kind.run, nullptr) << kind.name;
  }
}

TEST_F(RetentionTest, AuditIsKeptAsLongAsTheSettingSays) {
  const auto add = [&](const std::string& event, int count) {
    write([&](store::Transaction& transaction) {
      for (int i = 0; i < count; ++i) {
        store::insert_audit(transaction, audit_event(plane_.context(), Actor::system(), event, ""));
      }
    });
  };
  const auto before = list_audit(plane_.context(), 0, 500).value().size();
  add("OLD", 1200);
  plane_.clock.moved += days(2);
  add("YOUNG", 1);
  plane_.clock.moved += days(364);
  EXPECT_EQ(run_kind("audit_retention"), fmt::format("{} deleted", 1200 + before));
  std::vector<std::string> left;
  for (const store::AuditRow& row : list_audit(plane_.context(), 0, 500).value()) {
    left.push_back(row.event);
  }
  EXPECT_EQ(std::ranges::count(left, "OLD"), 0);
  EXPECT_EQ(std::ranges::count(left, "YOUNG"), 1);
  EXPECT_EQ(left.front(), "AUDIT_TRIMMED");
  const auto verdict = verify_audit(plane_.context(), {});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->fault_count, 0);
  EXPECT_NE(verdict->anchor.id, 0);
}

TEST_F(RetentionTest, RevisionsThatAreNotSettledStay) {
  const WallTime old = plane_.clock.now() - days(91);
  write([&](store::Transaction& transaction) {
    for (Revision id = 101; id <= 105; ++id) {
      store::RevisionRow row;
      row.id = id;
      row.at = old;
      row.services = {ServiceName::mail};
      if (id == 102) {
        row.services.push_back(ServiceName::bind);
      }
      store::insert_revision(transaction, row);
    }
    store::put_agent_state(transaction, {.service = ServiceName::mail},
                           {.settled = 103, .running = 103});
    store::put_agent_state(transaction, {.service = ServiceName::bind},
                           {.settled = 101, .running = 101});
  });
  EXPECT_EQ(run_kind("revision_retention"), "2 deleted") << "101 and 103";
  const auto exists = [&](Revision id) {
    return plane_.store
        ->read<bool>([&](store::Session& s) { return store::find_revision(s, id).has_value(); })
        .value();
  };
  EXPECT_FALSE(exists(101));
  EXPECT_TRUE(exists(102)) << "bind has not settled it";
  EXPECT_FALSE(exists(103));
  EXPECT_TRUE(exists(104));
  EXPECT_TRUE(exists(105));
}

TEST_F(RetentionTest, EndedJobsAreKeptAsLongAsTheSettingSays) {
  write([&](store::Transaction& transaction) {
    for (const auto& [id, age] :
         {std::pair{1001, days(31)}, std::pair{1002, days(29)}, std::pair{1003, days(3)}}) {
      Job job;
      job.id = id;
      job.kind = "work";
      job.state = JobState::done;
      job.finished = ago(age);
      store::insert_job(transaction, job);
    }
  });
  const auto exists = [&](const std::string& id) {
    return get_job(plane_.context(), Actor::system(), id, 0ms).has_value();
  };
  EXPECT_EQ(run_kind("job_retention"), "1 deleted");
  EXPECT_FALSE(exists("1001"));
  EXPECT_TRUE(exists("1002"));
  set("PODPLAY_JOB_RETENTION", "4");
  EXPECT_EQ(run_kind("job_retention"), "1 deleted");
  EXPECT_FALSE(exists("1002"));
  EXPECT_TRUE(exists("1003"));
  EXPECT_TRUE(get_job(plane_.context(), Actor::system(), "1002", 0ms)
                  .error()
                  .remedy.ends_with("kept for 4 days"));
}

TEST_F(RetentionTest, AnswersAreKeptAsLongAsTheSettingSays) {
  write([&](store::Transaction& transaction) {
    for (const auto& [key, age] : {std::pair{"old", 73h}, std::pair{"young", 71h}}) {
      store::put_answer(transaction, "x@example.test", key, {.status = 200, .body = "{}"},
                        ago(age));
    }
  });
  set("PODPLAY_ANSWER_RETENTION", "3");
  EXPECT_EQ(run_kind("answer_retention"), "1 deleted");
  set("PODPLAY_ANSWER_RETENTION", "1");
  EXPECT_EQ(run_kind("answer_retention"), "1 deleted");
}

TEST_F(RetentionTest, ChangesOfHealthAreKeptAsLongAsTheSettingSays) {
  write([&](store::Transaction& transaction) {
    for (const int age : {91, 89, 8, 6}) {
      store::insert_health_change(
          transaction, {.at = ago(days(age)), .service = "mail", .host = "main", .kind = "state"});
    }
  });
  EXPECT_EQ(run_kind("health_retention"), "1 deleted");
  set("PODPLAY_HEALTH_RETENTION", "7");
  EXPECT_EQ(run_kind("health_retention"), "2 deleted");
}

}  // namespace
}  // namespace podplay::control
