// Jobs in the store: only one program gets a job, only the owner of its lease may end it, and old
// ones are deleted.
#include <thread>

#include "store/jobs.hpp"
#include "store/store_contract.hpp"

namespace podplay::store {
namespace {

using std::chrono::milliseconds;

constexpr WallTime at(std::int64_t millis) { return WallTime(milliseconds(millis)); }

class JobsContract : public StoreContractBase {
 protected:
  std::int64_t add(const std::string& kind, const std::string& subject, WallTime due) {
    std::int64_t id = 0;
    write([&](Transaction& t) {
      id = t.next("id");
      Job job;
      job.id = id;
      job.kind = kind;
      job.subject = subject;
      job.due = due;
      job.created = at(1);
      job.request_id = "r1";
      insert_job(t, job);
    });
    return id;
  }
  static std::optional<Job> take_from(Store& store, const std::string& owner, WallTime now) {
    const auto taken =
        store.write<std::optional<Job>>([&](Transaction& t) -> Result<std::optional<Job>> {
          return take_due_job(t, {.owner = owner, .now = now, .until = now + milliseconds(100)});
        });
    EXPECT_TRUE(taken) << describe(taken.error());
    return *taken;
  }
  std::optional<Job> take(const std::string& owner, WallTime now) {
    return take_from(*store_, owner, now);
  }
  bool end(std::int64_t id, const std::string& owner, const JobEnd& how) {
    bool ended = false;
    write([&](Transaction& t) { ended = end_job(t, id, owner, how); });
    return ended;
  }
  std::optional<WallTime> next_time() {
    return read<std::optional<WallTime>>([](Session& s) { return next_job_time(s); });
  }
  Job find(std::int64_t id) {
    return read<std::optional<Job>>([&](Session& s) { return find_job(s, id); }).value();
  }
};

TEST_P(JobsContract, TheOneDueLongestIsTakenFirstAndOnce) {
  EXPECT_FALSE(next_time());
  const std::int64_t late = add("b", "", at(20));
  const std::int64_t early = add("a", "x", at(10));
  add("c", "", at(1000));
  EXPECT_EQ(next_time(), at(10));
  EXPECT_FALSE(take("me", at(9)));
  const auto first = take("me", at(50));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, early);
  EXPECT_EQ(first->subject, "x");
  EXPECT_EQ(first->state, JobState::running);
  EXPECT_EQ(first->attempts, 1);
  EXPECT_EQ(first->lease_owner, "me");
  EXPECT_EQ(first->lease_until, at(150));
  EXPECT_EQ(first->started, at(50));
  EXPECT_EQ(first->created, at(1));
  EXPECT_EQ(first->request_id, "r1");
  EXPECT_EQ(take("other", at(50))->id, late);
  EXPECT_FALSE(take("other", at(50))) << "the third is not due";
  EXPECT_EQ(next_time(), at(150)) << "the end of a lease";
  add("d", "", at(0));
  EXPECT_EQ(next_time(), at(0)) << "is a time like any other";
}

TEST_P(JobsContract, OneOfAKindAndSubjectIsOpen) {
  const std::int64_t id = add("a", "x", at(10));
  const auto again = store_->write<bool>([&](Transaction& t) -> Result<bool> {
    Job job;
    job.id = t.next("id");
    job.kind = "a";
    job.subject = "x";
    insert_job(t, job);
    return true;
  });
  EXPECT_FALSE(again);
  EXPECT_EQ(read<std::optional<Job>>([](Session& s) { return find_open_job(s, "a", "x"); })->id,
            id);
  ASSERT_TRUE(take("me", at(10)));
  ASSERT_TRUE(end(id, "me", {.state = JobState::done, .finished = at(12)}));
  EXPECT_FALSE(read<std::optional<Job>>([](Session& s) { return find_open_job(s, "a", "x"); }));
  add("a", "x", at(20));
}

TEST_P(JobsContract, OnlyTheLeasesOwnerWrites) {
  const std::int64_t id = add("a", "", at(10));
  ASSERT_TRUE(take("me", at(10)));
  bool mine = false;
  bool others = true;
  write([&](Transaction& t) {
    mine = renew_lease(t, id, {.owner = "me", .now = at(50), .until = at(500)});
    others = renew_lease(t, id, {.owner = "other", .now = at(50), .until = at(500)}) ||
             put_job_progress(t, id, "other", 50);
  });
  EXPECT_TRUE(mine);
  EXPECT_FALSE(others);
  EXPECT_EQ(find(id).lease_until, at(500));
  EXPECT_FALSE(end(id, "other", {.state = JobState::done}));
  bool scheduled = true;
  write([&](Transaction& t) { scheduled = schedule_job(t, id, at(0), "r2"); });
  EXPECT_FALSE(scheduled) << "it runs";
  ASSERT_TRUE(end(id, "me",
                  {.state = JobState::failed,
                   .attempts = 1,
                   .last_error = "no",
                   .finished = at(60),
                   .progress = 40}));
  const Job failed = find(id);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_EQ(failed.last_error, "no");
  EXPECT_EQ(failed.progress, 40);
  EXPECT_EQ(failed.lease_owner, "");
  write([&](Transaction& t) { scheduled = schedule_job(t, id, at(70), "r2"); });
  EXPECT_TRUE(scheduled);
  EXPECT_EQ(find(id).attempts, 0);
  EXPECT_EQ(find(id).request_id, "r2");
  EXPECT_EQ(take("other", at(70))->id, id);
}

TEST_P(JobsContract, TwoProgramsNeverRunOneJobTwice) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) {
    add("a", std::to_string(i), at(10));
  }
  const auto second = Store::open(url_, silent_logger());
  ASSERT_TRUE(second) << describe(second.error());
  std::atomic<int> taken{0};
  const auto take_all = [&](Store& store, const std::string& owner) {
    while (take_from(store, owner, at(10))) {
      ++taken;
    }
  };
  std::thread other([&] { take_all(**second, "other"); });
  take_all(*store_, "me");
  other.join();
  EXPECT_EQ(taken, kJobs);
  for (const Job& job :
       read<std::vector<Job>>([](Session& s) { return list_jobs(s, {.kind = "a"}, 0, kJobs); })) {
    EXPECT_EQ(job.attempts, 1) << job.subject;
  }
}

TEST_P(JobsContract, LeasesOfDeadProgramsEnd) {
  const std::int64_t id = add("a", "", at(10));
  ASSERT_TRUE(take("dead", at(10)));
  const auto abandoned = [&](WallTime now) {
    return read<std::vector<Job>>([&](Session& s) { return list_abandoned_jobs(s, now); });
  };
  EXPECT_TRUE(abandoned(at(109)).empty());
  ASSERT_EQ(abandoned(at(110)).size(), 1U);
  EXPECT_EQ(abandoned(at(110))[0].id, id);
  write([&](Transaction& t) { end_leases_of_earlier_programs(t); });
  EXPECT_EQ(abandoned(at(11)).size(), GetParam() == "sqlite" ? 1U : 0U)
      << "SQLite serves one program; on PostgreSQL another may run it";
}

TEST_P(JobsContract, StepsAreKeptInOrderAndAttemptsThatWereCutOffSaySo) {
  const std::int64_t id = add("a", "", at(10));
  write([&](Transaction& t) {
    put_job_step(t, id, {.number = 1, .name = "look", .at = at(10)});
    put_job_step(t, id,
                 {.number = 1,
                  .name = "look",
                  .state = JobState::done,
                  .words = "3 found",
                  .at = at(10),
                  .took = milliseconds(5)});
    put_job_step(t, id, {.number = 2, .name = "erase", .at = at(15)});
    fail_open_steps(t, id, "the program ended");
  });
  const auto steps = read<std::vector<JobStep>>([&](Session& s) { return list_job_steps(s, id); });
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].words, "3 found");
  EXPECT_EQ(steps[0].took, milliseconds(5));
  EXPECT_EQ(steps[1].state, JobState::failed);
  EXPECT_EQ(steps[1].words, "the program ended");
  write([&](Transaction& t) { keep_newest_steps(t, id, 1); });
  EXPECT_EQ(read<std::vector<JobStep>>([&](Session& s) { return list_job_steps(s, id); })[0].name,
            "erase");
}

TEST_P(JobsContract, EndedJobsAreListedByStateAndDeletedByAge) {
  for (int i = 1; i <= 3; ++i) {
    const std::int64_t id = add("a", std::to_string(i), at(10));
    ASSERT_TRUE(take("me", at(10)));
    write([&](Transaction& t) { put_job_step(t, id, {.number = 1, .name = "look"}); });
    ASSERT_TRUE(end(id, "me", {.state = JobState::done, .finished = at(100 * i)}));
  }
  const std::int64_t waiting = add("a", "4", at(10));
  const auto list = [&](const JobFilter& filter) {
    return read<std::vector<Job>>([&](Session& s) { return list_jobs(s, filter, 0, 10); });
  };
  EXPECT_EQ(list({}).size(), 4U);
  EXPECT_EQ(list({.kind = "b"}).size(), 0U);
  EXPECT_EQ(list({.kind = "a", .state = JobState::waiting}).at(0).id, waiting);
  std::vector<std::int64_t> deleted;
  for (int i = 0; i < 3; ++i) {
    write([&](Transaction& t) { deleted.push_back(delete_ended_jobs(t, at(300), 1)); });
  }
  EXPECT_EQ(deleted, (std::vector<std::int64_t>{1, 1, 0}));
  EXPECT_EQ(list({}).size(), 2U);
}

TEST_P(JobsContract, ALaneTakesItsOwnKindAndLeavesTheOthers) {
  const JobLane orders{.kinds = {"order"}, .others = false};
  const JobLane others{.kinds = {"order"}, .others = true};
  add("order", "a.test", at(10));
  add("sweep", "", at(20));
  const auto next = [&](const JobLane& lane) {
    return read<std::optional<WallTime>>([&](Session& s) { return next_job_time(s, lane); });
  };
  EXPECT_EQ(next(orders), at(10));
  EXPECT_EQ(next(others), at(20));
  const auto take_of = [&](const JobLane& lane) {
    std::optional<Job> taken;
    write([&](Transaction& t) {
      taken = take_due_job(t, {.owner = "me", .now = at(30), .until = at(99)}, lane);
    });
    return taken ? taken->kind : "none";
  };
  EXPECT_EQ(take_of(others), "sweep");
  EXPECT_EQ(take_of(others), "none");
  EXPECT_EQ(take_of(orders), "order");
  EXPECT_EQ(take_of(orders), "none");
}

INSTANTIATE_TEST_SUITE_P(Both, JobsContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
