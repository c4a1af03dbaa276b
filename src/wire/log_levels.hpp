// The levels of logs in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogLevels;
extern const Shape kLogLevelUpdate;

}  // namespace podplay::wire
