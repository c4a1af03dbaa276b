// Checks whether a replica's file is sound.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::agent {

// Reads the whole file through a connection of its own. Fails with the code directory_damaged when
// the file is damaged. A file that cannot be read for another reason does not count as damaged.
Status check_replica(const std::string& path);

}  // namespace podplay::agent
