// Faults of imports name the line that they are in.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace podplay::control {

// The error with the number of its line, from 1, in its message.
Error at_line(Error error, std::int64_t number);

}  // namespace podplay::control
