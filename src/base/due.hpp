// Whether something that is done now and then is due, by the wall clock: also after the machine
// slept or its clock was set.
#pragma once

#include "base/clock.hpp"

namespace podplay {

// True when `period` is over since `last`, or when the clock was set to a time before it.
constexpr bool is_due(WallTime last, std::chrono::milliseconds period, WallTime now) {
  return now < last || now - last >= period;
}

}  // namespace podplay
