// Whether work that is done regularly is due. The wall clock decides, so it is right even after the
// machine slept or its clock was set.
#pragma once

#include "base/clock.hpp"

namespace podplay {

// True when `period` is over since `last`, or when the clock was set to a time before it.
constexpr bool is_due(WallTime last, std::chrono::milliseconds period, WallTime now) {
  return now < last || now - last >= period;
}

}  // namespace podplay
