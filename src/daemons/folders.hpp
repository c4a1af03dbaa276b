// Folders that a daemon expects with an owner of its own.
#pragma once

#include <string>

#include "base/result.hpp"

namespace podplay::daemons {

// Makes `path` (its parent exists) with mode and owner; corrects what is there. Empty names:
// root's.
Status make_folder(const std::string& path, unsigned mode, const std::string& user = {},
                   const std::string& group = {});

}  // namespace podplay::daemons
