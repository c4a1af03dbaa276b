// The fields of a user in a body, as the use-cases take them.
#pragma once

#include "api/request.hpp"
#include "control/identity/user_input.hpp"

namespace podplay::api {

// `body` has one of the shapes of users. A field that is absent stays absent.
control::UserInput user_input(const Json& body);

}  // namespace podplay::api
