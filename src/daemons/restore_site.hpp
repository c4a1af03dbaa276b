// Restores the files of a deleted web site.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "daemons/deleted_folders.hpp"

namespace podplay::daemons {

// {site} -> {"into": path}. The folder becomes the site's web root below `sites`, if there is none
// yet or an empty one. Otherwise the existing root is left alone and the restore is refused.
Result<nlohmann::json> restore_site(const std::string& sites, const DeletedFolders& folders,
                                    const DeletedFolder& folder, const nlohmann::json& arguments);

}  // namespace podplay::daemons
