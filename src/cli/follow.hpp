// Follows a job of the control plane, as long as somebody looks at it. The job does not need that.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/caller.hpp"

namespace podplay::cli {

struct Followed {
  // The job as it was seen last.
  nlohmann::json job;
  int exit_code = 0;
};

// Shows the steps of `job`, an answer of the API, as they come, unless `quiet`. Ends when the job
// or its attempt has ended, or after `longest`; then the job goes on without us.
Followed follow_job(World& world, Caller& caller, nlohmann::json job, std::chrono::seconds longest,
                    bool quiet);

}  // namespace podplay::cli
