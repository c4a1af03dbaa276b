// Jobs of certificates: renewing those that are due, ordering from an authority, asking for renewal
// windows, and removing keys that nothing uses any more.
#pragma once

#include "control/context.hpp"
#include "control/jobs/run.hpp"

namespace podplay::control {

// Subject: the certificate's name.
inline constexpr const char* kOrderJob = "certificate_order";

// Signs what is due with the pod's own authority, and begins the orders of what others sign.
Status renew_certificates(Context& context, JobRun& run);
// One certificate from the order to the proof on the wire.
Status run_order(Context& context, JobRun& run);
// Removes versions that were replaced and have expired, and, after a week, all versions of names
// without a certificate, such as deleted domains.
Status remove_old_certificates(Context& context, JobRun& run);

}  // namespace podplay::control
