// The volumes' folders and whose they are. The init container makes them as root and then becomes
// the control plane's user, who has no capabilities; everything it writes after that is his.
#pragma once

#include "control/context.hpp"

namespace podplay::control {

// The system users of the images (services/base/Containerfile).
inline constexpr const char* kControlUser = "podplay";
inline constexpr const char* kLogGroup = "loggroup";

// Makes the folders of all volumes. As root it also gives the state, the certificates and the
// control plane's own logs to kControlUser, whoever wrote what is in them (an older version, a
// restored backup), and lets kLogGroup read the logs of all services. Links are not followed.
Status prepare_volumes(const Paths& paths);
// From root to kControlUser with his groups, for good. Nothing happens when this is another user.
Status become_control_user();

}  // namespace podplay::control
