// Requests about the services of the pod.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kRestart;

}  // namespace podplay::wire
