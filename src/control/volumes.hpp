// The volumes' folders and their owners. The init container makes the folders as root. Then it
// becomes the control plane's user, who has no capabilities and owns all that it writes from then
// on.
#pragma once

#include "control/context.hpp"

namespace podplay::control {

// The system users of the images (services/base/Containerfile).
inline constexpr const char* kControlUser = "podplay";
inline constexpr const char* kKeyGroup = "certgroup";
inline constexpr const char* kLogGroup = "loggroup";

// Makes the folders of all volumes. As root it also gives the state, the certificates and the
// control plane's own logs to kControlUser, whatever user owned
// them before (an older version, a restored backup), and lets kLogGroup read the logs of all
// services. Links are not followed.
Status prepare_volumes(const Paths& paths);
// Changes this process from root to kControlUser with his groups, forever. Does nothing when it
// does not run as root.
Status become_control_user();

}  // namespace podplay::control
