// A fault of an import names the line that it is in.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace podplay::control {

// The error with the number of its line, from 1, in its message.
Error at_line(Error error, std::int64_t number);

}  // namespace podplay::control
