// Steps and progress are written in transactions of their own, apart from the handler's. A step
// that cannot be written does not fail the job.
#include "control/jobs/run.hpp"

#include <algorithm>
#include <thread>

#include "store/jobs.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr seconds kProgressInterval{1};
constexpr milliseconds kLookInterval{50};

}  // namespace

void JobRun::put(std::optional<JobStep> ended, std::optional<JobStep> begun) {
  const auto written =
      context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        for (const auto& step : {ended, begun}) {
          if (step) {
            store::put_job_step(transaction, job_.id, *step);
          }
        }
        return true;
      });
  if (!written) {
    context_.log.error("a job's step cannot be written",
                       {{"job", job_.id}, {"why", describe(written.error())}});
  }
}

void JobRun::step(std::string name) {
  std::optional<JobStep> ended = step_;
  if (ended) {
    ended->state = JobState::done;
    ended->took = duration_cast<milliseconds>(context_.clock.steady() - step_began_);
  }
  step_ = JobStep{.number = ++steps_, .name = std::move(name), .at = context_.clock.now()};
  step_began_ = context_.clock.steady();
  put(std::move(ended), step_);
}

void JobRun::say(std::string words) {
  if (step_) {
    step_->words = std::move(words);
    put(step_, std::nullopt);
  }
}

void JobRun::progress(std::int64_t done, std::int64_t total) {
  const std::int64_t percent = total <= 0 ? 100 : done * 100 / total;
  percent_ = static_cast<int>(std::clamp<std::int64_t>(percent, 0, 100));
  const SteadyTime now = context_.clock.steady();
  if (progress_written_ != SteadyTime{} && now - progress_written_ < kProgressInterval) {
    return;
  }
  progress_written_ = now;
  const auto written =
      context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
        return store::put_job_progress(transaction, job_.id, job_.lease_owner, percent_);
      });
  if (!written) {
    context_.log.error("a job's progress cannot be written",
                       {{"job", job_.id}, {"why", describe(written.error())}});
  }
}

std::unexpected<Error> JobRun::stopped() {
  return fail(ErrorKind::unavailable, "stopping", "the control plane is stopping",
              "the job goes on when the control plane runs again");
}

bool JobRun::pause(milliseconds duration) {
  const SteadyTime until = context_.clock.steady() + duration;
  while (!stopping() && context_.clock.steady() < until) {
    std::this_thread::sleep_for(std::min(duration, kLookInterval));
  }
  return !stopping();
}

void JobRun::finish_step(JobState state, const std::string& words) {
  if (!step_) {
    return;
  }
  step_->state = state;
  step_->took = duration_cast<milliseconds>(context_.clock.steady() - step_began_);
  if (!words.empty()) {
    step_->words = words;
  }
  put(step_, std::nullopt);
  step_.reset();
}

}  // namespace podplay::control
