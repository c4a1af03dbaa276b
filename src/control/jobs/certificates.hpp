// Jobs of certificates: renewing what grows old, and removing keys that nothing uses any more.
#pragma once

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

Status renew_certificates(Context& context, JobRun& run);
// Versions that have expired and were replaced, and all versions of names without a certificate,
// such as deleted domains, after a week.
Status remove_old_certificates(Context& context, JobRun& run);

}  // namespace podplay::control
