// Jobs of certificates: renewing those that are due, and removing keys that nothing uses any more.
#pragma once

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

Status renew_certificates(Context& context, JobRun& run);
// Removes versions that were replaced and have expired, and, after a week, all versions of names
// without a certificate, such as deleted domains.
Status remove_old_certificates(Context& context, JobRun& run);

}  // namespace podplay::control
