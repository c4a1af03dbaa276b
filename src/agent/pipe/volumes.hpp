// Checks whether the volumes have room.
#pragma once

#include <string>
#include <vector>

#include "model/report.hpp"

namespace podplay::agent {

// One probe "disk-NAME" for each volume; a missing one is skipped.
std::vector<ProbeStatus> probe_volumes(const std::vector<std::string>& paths);

}  // namespace podplay::agent
