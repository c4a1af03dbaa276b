// The job is asked for twice a second. A control plane that is away for a moment, such as one that
// starts again, is asked until it answers.
#include "cli/follow.hpp"

#include <fmt/format.h>

#include <map>

#include "base/print.hpp"
#include "cli/show/certificates.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kFollowPause = 500ms;
// How long the control plane may be away.
constexpr auto kLongestSilence = 60s;
// The next attempt is waited for when it begins so soon.
constexpr auto kSoon = 15s;

std::string state_of(const Json& job) { return job.value("state", ""); }

// Prints each step when it is new and when it has changed. A running step that says nothing yet is
// printed only when it is seen again, since most steps are short. Steps of attempts before are left
// out.
class StepPrinter {
 public:
  StepPrinter(std::FILE* out, int attempts_before) : out_(out), attempts_before_(attempts_before) {}

  void show(const Json& job) {
    if (job.value("attempts", 0) <= attempts_before_) {
      return;
    }
    for (const Json& step : job.value("steps", Json::array())) {
      const int number = step.value("number", 0);
      if (!shown_.contains(number) && is_older(step, job)) {
        continue;
      }
      const bool first = !shown_.contains(number);
      const bool silent = step.value("state", "") == "running" && member(step, "words").empty();
      std::string& shown = shown_[number];
      const std::string line = step_line(step);
      if (line != shown && !(first && silent)) {
        print_to(out_, "  {}\n", line);
        shown = line;
      }
    }
    std::fflush(out_);
  }

 private:
  // Whether the step belongs to an attempt before the last one. Times have one form.
  static bool is_older(const Json& step, const Json& job) {
    const Json started = job.value("started", Json());
    return started.is_string() && step.value("at", "") < started.get<std::string>();
  }

  std::FILE* out_;
  const int attempts_before_;
  // By number; empty: seen, but not printed.
  std::map<int, std::string> shown_;
};

// The attempts that had ended.
int ended_attempts(const Json& job) {
  return job.value("attempts", 0) - (state_of(job) == "running" ? 1 : 0);
}

bool begins_soon(const Json& job, WallTime now) {
  const Json due_text = job.value("due", Json());
  const auto due = due_text.is_string() ? parse_rfc3339(due_text.get<std::string>()) : std::nullopt;
  return !due || *due <= now + kSoon;
}

bool attempt_failed(const Json& job, int attempts_before) {
  return state_of(job) == "waiting" && ended_attempts(job) > attempts_before;
}

int say_end(World& world, const Json& job, int attempts_before, bool quiet) {
  const std::string id = member(job, "id");
  const std::string why = member(job, "last_error");
  if (state_of(job) == "done") {
    print_text(world.out, quiet ? "" : "done\n");
    return 0;
  }
  if (state_of(job) == "failed") {
    print_to(world.err, "podplay: job {} has failed: {}\n", id, why);
    return exit_code(ErrorKind::refused);
  }
  if (attempt_failed(job, attempts_before)) {
    print_to(world.err,
             "podplay: this attempt failed: {}\n  the next one begins at {}: podplay "
             "jobs show {}\n",
             why, member(job, "due"), id);
    return exit_code(ErrorKind::refused);
  }
  print_to(world.err, "podplay: job {} goes on: podplay jobs show {}\n", id, id);
  return exit_code(ErrorKind::timeout);
}

}  // namespace

Followed follow_job(World& world, Caller& caller, Json job, std::chrono::seconds longest,
                    bool quiet) {
  const std::string path = "/api/jobs/" + member(job, "id");
  const int attempts_before = ended_attempts(job);
  const SteadyTime begun = world.clock.steady();
  SteadyTime heard = begun;
  StepPrinter printer(world.out, attempts_before);
  for (;;) {
    auto answer = caller.call({.method = "GET", .path = path});
    const SteadyTime now = world.clock.steady();
    if (answer) {
      heard = now;
      job = std::move(*answer);
      if (!quiet) {
        printer.show(job);
      }
    } else if (const ErrorKind kind = answer.error().kind;
               (kind != ErrorKind::unavailable && kind != ErrorKind::timeout) ||
               now - heard > kLongestSilence) {
      return {.job = std::move(job),
              .exit_code = report_error(world, answer.error(), caller.request_id())};
    }
    const bool ended = state_of(job) == "done" || state_of(job) == "failed";
    const bool given_up =
        attempt_failed(job, attempts_before) && !begins_soon(job, world.clock.now());
    if (ended || given_up || now - begun > longest) {
      const int code = say_end(world, job, attempts_before, quiet);
      return {.job = std::move(job), .exit_code = code};
    }
    world.clock.sleep(kFollowPause);
  }
}

}  // namespace podplay::cli
