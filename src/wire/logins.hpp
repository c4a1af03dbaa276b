// Requests that log in.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogin;
extern const Shape kBootstrap;

}  // namespace podplay::wire
