// Logins in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogin;
extern const Shape kBootstrap;

extern const Shape kLoginDone;
extern const Shape kLogoutDone;

}  // namespace podplay::wire
