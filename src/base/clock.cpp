// The system's clock, and times as text and as numbers. Texts are always in UTC, whatever the time
// zone of the machine.
#include "base/clock.hpp"

#include <fmt/format.h>

#include <ctime>
#include <thread>

namespace podplay {

using namespace std::chrono;

WallTime SystemClock::now() const { return floor<milliseconds>(system_clock::now()); }
SteadyTime SystemClock::steady() const { return steady_clock::now(); }
void SystemClock::sleep(milliseconds duration) { std::this_thread::sleep_for(duration); }

std::string to_rfc3339(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss of_day{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count(),
                     of_day.subseconds().count());
}

std::int64_t to_millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime from_millis(std::int64_t millis) { return WallTime{milliseconds{millis}}; }

}  // namespace podplay
