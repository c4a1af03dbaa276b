// The audit in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAuditEvent;

}  // namespace podplay::wire
