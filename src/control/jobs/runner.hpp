// Runs the jobs of the store: takes what is due under a lease, renews the lease while the handler
// works, ends the job or lets it wait for its next attempt. A job outlives this program: whatever
// kills it, the next one (or another control plane on the same PostgreSQL) takes the job over when
// its lease has ended.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "control/context.hpp"
#include "control/jobs/kinds.hpp"
#include "model/job.hpp"
#include "store/jobs.hpp"

namespace podplay::control {

struct JobRunnerOptions {
  // Jobs that run at the same time. More than one, so that a long job does not hold up the others.
  int workers = 2;
  // The same for the other groups of JobThreads.
  int outside_workers = 4;
  int letter_workers = 2;
  int copy_workers = 1;
  // Renewed at a third of it.
  std::chrono::milliseconds lease{60'000};
  // Time between looks at the store when nothing wakes us: another control plane may have added a
  // job.
  std::chrono::milliseconds longest_sleep{10'000};
  // Numbers from 0 to 1, for the jitter of retries; empty: random ones.
  std::function<double()> random{};
  // Whether jobs of kinds with only_active are taken; empty: always.
  std::function<bool()> is_active{};
};

class JobRunner {
 public:
  JobRunner(Context& context, std::span<const JobKind> kinds, JobRunnerOptions options = {});
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // Adds the periodic jobs that are missing, takes over jobs of an earlier program, and begins.
  Status start();
  // Asks running handlers to leave off and waits for them. Their jobs wait for the next start.
  void stop();

 private:
  struct Held {
    // Each attempt has its own, so an attempt whose lease ended cannot end the next one.
    std::string owner;
    bool lost = false;
  };
  void work(const store::JobLane& whole);
  // The part of the lane that this program may take now.
  store::JobLane allowed(store::JobLane lane) const;
  void keep();
  bool pause(std::chrono::milliseconds duration);
  bool stopping() const;
  Status add_periodic();
  Result<std::optional<Job>> take(const store::JobLane& lane);
  std::vector<std::string> kinds_of(JobThreads threads) const;
  void run(const Job& job);
  Status call(const JobKind* kind, JobRun& run);
  void end(const Job& job, const JobKind* kind, const Status& outcome, int percent);
  Status renew_leases();
  Status take_over_abandoned();
  std::chrono::milliseconds backoff(const JobKind* kind, int attempts);
  const JobKind* find_kind(const std::string& name) const;
  void insert_next(store::Transaction& transaction, const JobKind& kind) const;

  // Constant after construction.
  Context& context_;
  const std::span<const JobKind> kinds_;
  JobRunnerOptions options_;
  // Random: no other program, earlier or beside us, has the same.
  const std::string owner_;

  // Owned by the thread that calls start() and stop().
  std::vector<std::thread> threads_;

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  // Guarded by mutex_.
  bool stopping_ = false;
  // The jobs that run here, by id.
  std::map<std::int64_t, Held> leases_;
  std::uint64_t taken_ = 0;
};

}  // namespace podplay::control
