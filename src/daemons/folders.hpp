// Folders and links that a daemon expects.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// Makes the folder `path`, whose parent exists, and sets its mode and owner; does the same for an
// existing folder. Empty names leave the owner or the group as it is: root's for a new folder.
Status make_folder(const std::string& path, unsigned mode, const std::string& user = {},
                   const std::string& group = {});
// Makes the symbolic link `path`, in the place of a link or file that is there.
Status make_link(const std::string& path, const std::string& target);

}  // namespace podplay::daemons
