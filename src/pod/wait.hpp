// Waits until every probe of the pod has passed.
#pragma once

#include "base/result.hpp"
#include "pod/lifecycle.hpp"
#include "pod/manifest.hpp"
#include "pod/podman.hpp"

namespace podplay::pod {

// Shows one line for each service until all are ready. An Error `refused` when a container has
// ended for good, or when PODPLAY_READY_DEADLINE has passed since `begun`; it holds their last
// words.
Status wait_ready(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest,
                  SteadyTime begun);

}  // namespace podplay::pod
