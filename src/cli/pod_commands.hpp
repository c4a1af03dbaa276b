// What the commands about the pod on this host share.
#pragma once

#include "cli/cli.hpp"
#include "pod/lifecycle.hpp"

namespace podplay::cli {

// How src/pod sees the world of this command line. `settings` must outlive the result.
pod::Lifecycle pod_lifecycle(World& world, const Settings& settings);

}  // namespace podplay::cli
