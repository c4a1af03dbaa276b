// Changes in answers.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kRevision;
// What became of a change at the services.
extern const Shape kApplied;
// What a dry run found.
extern const Shape kDryRun;

}  // namespace podplay::wire
