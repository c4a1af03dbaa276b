// Folders and links that a daemon expects, and owners of files.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// Makes the folder `path`, whose parent exists, and sets its mode and owner; does the same for an
// existing folder. Empty names leave the owner or the group as it is: root's for a new folder.
Status make_folder(const std::string& path, unsigned mode, const std::string& user = {},
                   const std::string& group = {});
// Sets mode and owner of a file or folder; empty names leave them as they are. Fails with not_found
// when it is not there. A link in its place is not followed.
Status set_owner(const std::string& path, unsigned mode, const std::string& user,
                 const std::string& group);
// Makes the symbolic link `path`, in the place of a link or file that is there.
Status make_link(const std::string& path, const std::string& target);

}  // namespace podplay::daemons
