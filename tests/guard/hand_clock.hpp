// A clock that only moves by hand.
#pragma once

#include "base/clock.hpp"

namespace podplay::guard {

struct HandClock final : Clock {
  WallTime wall = from_millis(1'800'000'000'000);
  WallTime now() const override { return wall; }
  SteadyTime steady() const override { return SteadyTime(wall.time_since_epoch()); }
  void sleep(std::chrono::milliseconds duration) override { wall += duration; }
};

}  // namespace podplay::guard
