// Support bundles in requests and answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kSupportBundleStart;
extern const Shape kSupportBundle;

}  // namespace podplay::wire
