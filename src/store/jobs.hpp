// Jobs and their steps in the store (model/job.hpp). The program that runs a job holds its lease.
// Every write of a runner names the lease's owner, and changes nothing when another program has the
// lease now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/job.hpp"
#include "store/store.hpp"

namespace podplay::store {

struct JobFilter {
  // Empty means all kinds.
  std::string kind;
  std::optional<JobState> state;
};

// Newest first, below the id `before`. With 0 the list begins with the newest.
std::vector<Job> list_jobs(Session& session, const JobFilter& filter, std::int64_t before,
                           std::int64_t limit);
std::optional<Job> find_job(Session& session, std::int64_t id);
// The job of this kind and subject that has not ended.
std::optional<Job> find_open_job(Session& session, const std::string& kind,
                                 const std::string& subject);
// The newest job of this kind and subject, whether or not it has ended.
std::optional<Job> find_newest_job(Session& session, const std::string& kind,
                                   const std::string& subject);
// In order.
std::vector<JobStep> list_job_steps(Session& session, std::int64_t job);
// Which jobs a thread takes: only those of these kinds, or all others. The names are those of the
// table of kinds.
struct JobLane {
  std::vector<std::string> kinds;
  bool others = true;
};
// When the lane's next waiting job is due, or the next lease of any job ends; nothing when there is
// neither.
std::optional<WallTime> next_job_time(Session& session, const JobLane& lane = {});

void insert_job(Transaction& transaction, const Job& job);
// Makes a job that does not run wait again, without attempts, until `due`. False when it runs.
bool schedule_job(Transaction& transaction, std::int64_t id, WallTime due,
                  const std::string& request_id);

struct Lease {
  std::string owner;
  WallTime now{};
  WallTime until{};
};
// Takes the lane's job that has been due the longest: it becomes running under this lease. Nothing
// when no job is due. Two programs never get the same job.
std::optional<Job> take_due_job(Transaction& transaction, const Lease& lease,
                                const JobLane& lane = {});
// False when the lease is another's now.
bool renew_lease(Transaction& transaction, std::int64_t id, const Lease& lease);
// Jobs that run under a lease which has ended.
std::vector<Job> list_abandoned_jobs(Session& session, WallTime now);
// Ends the leases of an earlier program, so that its jobs count as abandoned. SQLite serves only
// one control plane, so a job that runs at its start was running in a program that is gone. Does
// nothing on PostgreSQL, where another control plane may run them.
void end_leases_of_earlier_programs(Transaction& transaction);

// How an attempt ended. Its lease ends with it.
struct JobEnd {
  JobState state = JobState::done;
  // When a waiting job is tried again.
  WallTime due{};
  int attempts = 0;
  std::string last_error;
  WallTime finished{};
  int progress = 100;
};
// False when the lease is another's now.
bool end_job(Transaction& transaction, std::int64_t id, const std::string& owner,
             const JobEnd& end);

bool put_job_progress(Transaction& transaction, std::int64_t id, const std::string& owner,
                      int percent);
// Writes a new step, or a newer state of one.
void put_job_step(Transaction& transaction, std::int64_t job, const JobStep& step);
// Marks running steps as failed: they belong to an attempt that was cut off.
void fail_open_steps(Transaction& transaction, std::int64_t job, const std::string& words);
// Keeps the newest `most` steps of a job that is tried again and again.
void keep_newest_steps(Transaction& transaction, std::int64_t job, int most);

// Deletes at most `limit` jobs that ended before `time`, with their steps. Returns how many were
// deleted.
std::int64_t delete_ended_jobs(Transaction& transaction, WallTime time, std::int64_t limit);

}  // namespace podplay::store
