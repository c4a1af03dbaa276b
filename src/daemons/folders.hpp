// Folders that a daemon expects with an owner of its own.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// Makes the folder `path`, whose parent exists, and sets its mode and owner; does the same for an
// existing folder. Empty names leave the owner or the group as it is: root's for a new folder.
Status make_folder(const std::string& path, unsigned mode, const std::string& user = {},
                   const std::string& group = {});

}  // namespace podplay::daemons
