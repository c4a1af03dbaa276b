// The kinds of jobs, as a table: what each does, how often, and how it is tried again.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "control/context.hpp"

namespace podplay::control {

class JobRun;

// A failed attempt is tried again after `first`, then each time after twice as long, at most after
// `longest`; each time a quarter more or less, so that what failed together does not come back
// together.
struct RetryPolicy {
  std::chrono::milliseconds first{5000};
  std::chrono::milliseconds longest{3'600'000};
  // Then the job has failed; 0: it is tried forever.
  int most_attempts = 0;
};

struct JobKind {
  // "audit_retention": the job's name in SQL, JSON, logs and on the command line.
  std::string_view name;
  std::string_view help;
  // The next job of the kind begins so long after the one before has ended; 0: jobs are added by
  // use-cases. Periodic kinds have no subject.
  std::chrono::seconds interval{0};
  RetryPolicy retry{};
  // May be called again after it was cut off anywhere: what it did already is still done.
  Status (*run)(Context& context, JobRun& run);
};

std::span<const JobKind> job_kinds();

}  // namespace podplay::control
