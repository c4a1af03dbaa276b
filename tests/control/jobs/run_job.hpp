// Runs a job's handler once, in the calling thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "control/jobs/jobs.hpp"
#include "control/jobs/kinds.hpp"
#include "control/jobs/run.hpp"
#include "control/plane.hpp"

namespace podplay::test {

// The words of the job's last step.
inline std::string run_job(Plane& plane, std::string_view name) {
  const auto kinds = control::job_kinds();
  const auto kind = std::ranges::find_if(kinds, [&](const auto& one) { return one.name == name; });
  const Job job =
      control::start_job(plane.context(), {.kind = std::string(name), .due = plane.clock.now()})
          .value();
  control::JobRun run(plane.context(), job, 0, [] { return false; });
  const Status done = kind->run(plane.context(), run);
  EXPECT_TRUE(done) << describe(done.error());
  return control::get_job(plane.context(), control::Actor::system(), std::to_string(job.id),
                          std::chrono::milliseconds(0))
      ->steps.back()
      .words;
}

}  // namespace podplay::test
