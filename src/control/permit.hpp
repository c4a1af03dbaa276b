// Who may touch what: admins all, domain-admins their own domain, users themselves.
#pragma once

#include <string>

#include "control/context.hpp"

namespace podplay::control {

// The domain may be administered by the actor.
Status permit_domain(const Actor& actor, const std::string& domain);
// The user may be read or changed by the actor; `own` says that the user himself may.
Status permit_user(const Actor& actor, const User& user, bool own);
// If-Match: the object's revision is the one that was asked for.
Status check_match(const WriteOptions& options, Revision revision);

}  // namespace podplay::control
