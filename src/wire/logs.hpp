// Lines of logs in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kLogLine;
extern const Shape kLogPage;

}  // namespace podplay::wire
