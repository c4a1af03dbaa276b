// deploy/pod.yaml on disk, filled in.
#pragma once

#include "base/result.hpp"
#include "pod/lifecycle.hpp"
#include "pod/manifest.hpp"

namespace podplay::pod {

// Finds the file (Lifecycle::manifest, the source tree, /usr/share/podplay) and fills it in.
Result<Manifest> load_manifest(const Lifecycle& lifecycle);
// The same with the addresses of other machines (outside_hosts.hpp), for starting a pod.
Result<Manifest> load_manifest_to_start(const Lifecycle& lifecycle);

}  // namespace podplay::pod
