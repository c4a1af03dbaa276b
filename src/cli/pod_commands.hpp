// The Lifecycle that the commands about the pod on this host share.
#pragma once

#include "cli/cli.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::cli {

// The Lifecycle for this command line's world. `world` and `settings` must outlive the result.
pod::Lifecycle pod_lifecycle(World& world, const Settings& settings);

}  // namespace podplay::cli
