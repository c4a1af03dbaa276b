// /api/jobs: what the control plane does in the background, and when.
#pragma once

#include "api/request.hpp"

namespace podplay::api {

Result<Answer> list_jobs(control::Context& context, Request& request);
Result<Answer> get_job(control::Context& context, Request& request);
Result<Answer> run_job(control::Context& context, Request& request);

}  // namespace podplay::api
