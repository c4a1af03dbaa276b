// Jobs as use-cases see them: adding, looking, running now.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/job.hpp"
#include "store/jobs.hpp"

namespace podplay::control {

struct NewJob {
  // A row of job_kinds().
  std::string kind;
  std::string subject;
  // 1970: at once.
  WallTime due{};
  std::string request_id;
};
// Call it inside the change that needs the job, so that both are committed or neither, and call
// context.jobs.wake() after the commit. When such a job waits or runs already, that one is
// returned; if it waits, it is due at the earlier of both times.
Job add_job(Context& context, store::Transaction& transaction, const NewJob& job);
// The same in a transaction of its own.
Result<Job> start_job(Context& context, const NewJob& job);

struct JobDetails {
  Job job;
  std::vector<JobStep> steps;
};

// Newest first, below the id `before`; 0: from the newest.
Result<std::vector<Job>> list_jobs(Context& context, const store::JobFilter& filter,
                                   std::int64_t before, std::int64_t limit);
// `key`: the job's number, or the kind of a job without a subject that waits or runs. Waits at most
// `longest` until it has ended. A job that the actor may not follow (JobKind::subject) is answered
// like one that does not exist ("job_unknown").
Result<JobDetails> get_job(Context& context, const Actor& actor, const std::string& key,
                           std::chrono::milliseconds longest);
// Makes a job that waits or has failed due now. Audit event JOB_RUN.
Result<JobDetails> run_job(Context& context, const Actor& actor, const std::string& key);

}  // namespace podplay::control
