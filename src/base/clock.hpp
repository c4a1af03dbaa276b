// Time as a thing that is handed in, so that tests decide what time it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace podplay {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  // UTC
  virtual WallTime now() const = 0;
  // for durations and deadlines
  virtual SteadyTime steady() const = 0;
  virtual void sleep(std::chrono::milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  SteadyTime steady() const override;
  void sleep(std::chrono::milliseconds duration) override;
};

// RFC 3339 UTC with milliseconds: 2026-01-31T12:00:00.123Z
std::string to_rfc3339(WallTime time);
// Unix time in milliseconds, as the store keeps it.
std::int64_t to_millis(WallTime time);
WallTime from_millis(std::int64_t millis);

}  // namespace podplay
