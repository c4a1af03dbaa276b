// What the journeys leave behind is removed when its time is over: by a job every hour, and by an
// administrator at once.
#pragma once

#include <cstdint>

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

// How many of each were, or would be, removed.
struct Cleaned {
  // Registrations that nobody confirmed or approved in time.
  std::int64_t registrations = 0;
  // Links that have expired.
  std::int64_t links = 0;
  // Mails that Postfix never took.
  std::int64_t letters = 0;
  // Copies of persons' data.
  std::int64_t exports = 0;
};
Result<Cleaned> clean_up_journeys(Context& context, const Actor& actor, bool dry_run);

Status delete_old_journeys(Context& context, JobRun& run);

}  // namespace podplay::control
