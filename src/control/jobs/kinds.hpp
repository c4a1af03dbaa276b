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

struct JobKind {
  // "audit_retention": the job's name in SQL, JSON, logs and on the command line.
  std::string_view name;
  std::string_view help;
  // How long after the end of one job of the kind the next one begins; 0: only use-cases add jobs.
  // Periodic kinds have no subject.
  std::chrono::seconds interval{0};
  RetryPolicy retry{};
  // It mostly waits for somebody outside, so threads of its own run it.
  bool waits = false;
  // May be called again after it was cut off anywhere, so what is done already must count as done.
  Status (*run)(Context& context, JobRun& run);
};

std::span<const JobKind> job_kinds();

}  // namespace podplay::control
