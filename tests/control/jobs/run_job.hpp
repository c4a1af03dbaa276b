// Runs the handlers of jobs once, in the calling thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

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

// Runs every job of this kind that waits once, whenever it is due, the oldest first.
inline std::vector<Status> run_waiting_jobs(control::Context& context, std::string_view name) {
  const auto kinds = control::job_kinds();
  const auto kind = std::ranges::find_if(kinds, [&](const auto& one) { return one.name == name; });
  const auto jobs =
      control::list_jobs(context, {.kind = std::string(name), .state = JobState::waiting}, 0, 100);
  std::vector<Status> outcomes;
  for (auto job = jobs->rbegin(); job != jobs->rend(); ++job) {
    control::JobRun run(context, *job, 0, [] { return false; });
    outcomes.push_back(kind->run(context, run));
  }
  return outcomes;
}

}  // namespace podplay::test
