// Whether the ports that the pod publishes can be reached from its own host.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pod/manifest.hpp"

namespace podplay::pod {

// A sentence for each TCP port on which no connection can be made; all are tried at the same time,
// within `timeout`. A port that is bound to every address is tried on the loopback address.
std::vector<std::string> unreachable_ports(
    const std::vector<PublishedPort>& ports,
    std::chrono::milliseconds timeout = std::chrono::milliseconds(1000));

}  // namespace podplay::pod
