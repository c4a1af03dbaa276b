// Jobs that delete what has been kept long enough, by the settings PODPLAY_*_RETENTION.
#pragma once

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

Status delete_old_audit(Context& context, JobRun& run);
Status delete_old_revisions(Context& context, JobRun& run);
Status delete_old_answers(Context& context, JobRun& run);
Status delete_expired_tokens(Context& context, JobRun& run);
// Sessions, and tickets of logins that were not finished.
Status delete_expired_sessions(Context& context, JobRun& run);
Status delete_old_health(Context& context, JobRun& run);
Status delete_ended_jobs(Context& context, JobRun& run);

}  // namespace podplay::control
