// Requests of the agents on the link.
#pragma once

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kEnrol;
extern const Shape kRenew;
extern const Shape kWork;
extern const Shape kCommands;
extern const Shape kReport;
extern const Shape kCommandResult;

}  // namespace podplay::wire
