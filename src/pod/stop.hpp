// Stops and removes the pod. Its named volumes are never touched.
#pragma once

#include "base/result.hpp"
#include "pod/lifecycle.hpp"
#include "pod/manifest.hpp"
#include "pod/podman.hpp"

namespace podplay::pod {

// Whether the container's process has ended without podman's notice.
bool is_gone(const Lifecycle& lifecycle, const ContainerState& state);

// Stops the services, then the control plane, and removes the pod with its scratch volumes.
Status remove_pod(const Lifecycle& lifecycle, const Podman& podman, const Manifest& manifest);

}  // namespace podplay::pod
