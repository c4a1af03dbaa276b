// The kinds of jobs, as a table: what each does, how often, and how it is tried again.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "control/context.hpp"

namespace podplay::control {

class JobRun;

// A failed attempt is followed by another after `first`, then each time after twice as long, up to
// `longest`. Each time is a quarter more or less, so that jobs that failed together do not come
// back together.
struct RetryPolicy {
  std::chrono::milliseconds first{5000};
  std::chrono::milliseconds longest{3'600'000};
  // After this many attempts the job has failed; 0: it is tried forever.
  int most_attempts = 0;
};

// What a job's subject names. Besides administrators, whoever may see that may follow the job.
enum class JobSubject {
  // Nothing that others than administrators may see.
  other,
  // A domain, for those who administer it.
  domain,
  // The address of a user, for that user and those who administer them.
  user,
};

// Which threads run a job. Each group has its own, so that long jobs hold up no quick ones.
enum class JobThreads {
  quick,
  // It mostly waits for somebody outside.
  outside,
  // A person waits for its mail.
  letters,
  // It moves much data.
  copies,
};

struct JobKind {
  // "audit_retention": the job's name in SQL, JSON, logs and on the command line.
  std::string_view name;
  std::string_view help;
  JobSubject subject = JobSubject::other;
  // How long after the end of one job of the kind the next one begins; 0: only use-cases add jobs.
  // Periodic kinds have no subject.
  std::chrono::seconds interval{0};
  RetryPolicy retry{};
  JobThreads threads = JobThreads::quick;
  // Not for a control plane that stands by (control/watch/active.hpp).
  bool only_active = false;
  // May be called again after it was cut off anywhere, so what is done already must count as done.
  Status (*run)(Context& context, JobRun& run);
};

std::span<const JobKind> job_kinds();

}  // namespace podplay::control
