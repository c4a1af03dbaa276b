// Whether a replica's file is sound.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::agent {

// Reads the whole file through a connection of its own. The code of a damaged one is
// directory_damaged; what cannot be read for another reason is no damage.
Status check_replica(const std::string& path);

}  // namespace podplay::agent
