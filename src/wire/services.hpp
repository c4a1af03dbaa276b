// The services of the pod in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kRestart;

extern const Shape kLive;
extern const Shape kReadiness;
extern const Shape kSystemStatus;
extern const Shape kRestarted;

}  // namespace podplay::wire
