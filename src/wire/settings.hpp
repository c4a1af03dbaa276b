// Settings in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kSetting;

}  // namespace podplay::wire
