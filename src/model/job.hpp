// Durable work. A job is a row: it survives the program, is tried again when it fails, and tells
// its steps. Of one kind and subject there is at most one job that has not ended.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace podplay {

// waiting -> running -> done
//               |
//               +-> waiting   It failed and is tried again when it is due, or its program ended.
//               +-> failed    It failed as often as its kind allows. `run` makes it wait again.
enum class JobState { waiting, running, done, failed };

struct JobStateText {
  JobState state;
  std::string_view text;
};
inline constexpr std::array kJobStates = std::to_array<JobStateText>({
    {JobState::waiting, "waiting"},
    {JobState::running, "running"},
    {JobState::done, "done"},
    {JobState::failed, "failed"},
});

constexpr std::string_view to_text(JobState state) {
  for (const JobStateText& row : kJobStates) {
    if (row.state == state) {
      return row.text;
    }
  }
  return "";
}

constexpr std::optional<JobState> parse_job_state(std::string_view text) {
  for (const JobStateText& row : kJobStates) {
    if (row.text == text) {
      return row.state;
    }
  }
  return std::nullopt;
}

// Times that have not come yet are 0 (1970).
struct Job {
  std::int64_t id = 0;
  // A row of the table of kinds (control/jobs/kinds.cpp), such as "audit_retention".
  std::string kind;
  // What it works on; empty when the kind needs none.
  std::string subject;
  JobState state = JobState::waiting;
  // Not before this time.
  WallTime due{};
  // How many attempts were begun.
  int attempts = 0;
  // Why the last attempt failed; empty when none did.
  std::string last_error;
  // The program that runs it, and until when it is believed to be alive.
  std::string lease_owner;
  WallTime lease_until{};
  WallTime created{};
  // Of the last attempt.
  WallTime started{};
  WallTime finished{};
  // Percent.
  int progress = 0;
  // Of the request that added it, or that asked to run it now.
  std::string request_id;
};

// A part of a job's work. A step that failed is the last of its attempt.
struct JobStep {
  int number = 0;
  std::string name;
  JobState state = JobState::running;
  // What came out of it, or why it failed.
  std::string words;
  WallTime at{};
  std::chrono::milliseconds took{0};
};

}  // namespace podplay
