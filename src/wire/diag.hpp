// A look at a service in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kDiag;

}  // namespace podplay::wire
