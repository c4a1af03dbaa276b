// Checks whether a file of the directory is sound: the replica, or the owners of mailboxes.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::agent {

// The code of an error about such a file that is damaged.
inline constexpr const char* kDirectoryDamaged = "directory_damaged";

// Reads the whole file through a connection of its own. Fails with the code directory_damaged when
// the file is damaged. A file that cannot be read for another reason does not count as damaged.
Status check_database(const std::string& path);

}  // namespace podplay::agent
