// One attempt at a job, as its handler sees it: what to do, and how to tell how far it is.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "control/context.hpp"
#include "model/job.hpp"

namespace podplay::control {

// Belongs to the thread that runs the handler. Steps and words are on disk when the call returns;
// progress is written at most once a second.
class JobRun {
 public:
  // `stopping`: the program ends, or the lease was lost.
  JobRun(Context& context, Job job, int steps, std::function<bool()> stopping)
      : context_(context), job_(std::move(job)), steps_(steps), stopping_(std::move(stopping)) {}

  const Job& job() const { return job_; }
  const std::string& subject() const { return job_.subject; }

  // The step before is done; another one begins.
  void step(std::string name);
  // What came of the step so far: "erased 12 folders".
  void say(std::string words);
  void progress(std::int64_t done, std::int64_t total);

  // True: leave off soon and return stopped(). The next program resumes the job.
  bool stopping() const { return stopping_(); }
  static std::unexpected<Error> stopped();
  // Waits. Returns false when it is time to leave off.
  bool pause(std::chrono::milliseconds duration);

  // For the runner, after the handler has returned.
  void finish_step(JobState state, const std::string& words);
  int percent() const { return percent_; }

 private:
  void put(std::optional<JobStep> ended, std::optional<JobStep> begun);

  Context& context_;
  const Job job_;
  int steps_;
  std::function<bool()> stopping_;
  std::optional<JobStep> step_;
  SteadyTime step_began_{};
  int percent_ = 0;
  SteadyTime progress_written_{};
};

}  // namespace podplay::control
