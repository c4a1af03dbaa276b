// The audit in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAuditEvent;
// What the verification of the whole audit found.
extern const Shape kAuditVerdict;

}  // namespace podplay::wire
