// Time is handed in as a Clock, so that tests decide what time it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podplay {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day in UTC. It may jump.
  virtual WallTime now() const = 0;
  // For durations and deadlines. It never runs backwards.
  virtual SteadyTime steady() const = 0;
  virtual void sleep(std::chrono::milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  SteadyTime steady() const override;
  void sleep(std::chrono::milliseconds duration) override;
};

// RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.123Z.
std::string to_rfc3339(WallTime time);
// Reads RFC 3339 with any offset and any number of digits after the second. A leap second counts as
// the second after it.
std::optional<WallTime> parse_rfc3339(std::string_view text);
// Reads the date of an HTTP header (RFC 9110 section 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT.
std::optional<WallTime> parse_http_date(std::string_view text);
// Milliseconds since 1970 in UTC, as the store keeps times.
std::int64_t to_millis(WallTime time);
WallTime from_millis(std::int64_t millis);

}  // namespace podplay
