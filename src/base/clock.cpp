// The system's clock, and times as text and as numbers. Texts are always in UTC, whatever the time
// zone of the machine.
#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <thread>

#include "base/numbers.hpp"

namespace podplay {

using namespace std::chrono;

namespace {

// The next `digits` characters as a number; they are taken from `rest`.
std::optional<int> take_number(std::string_view& rest, std::size_t digits) {
  const auto number = parse_number<unsigned>(rest.substr(0, digits));
  if (rest.size() < digits || !number) {
    return std::nullopt;
  }
  rest.remove_prefix(digits);
  return static_cast<int>(*number);
}

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) {
    return false;
  }
  rest.remove_prefix(expected.size());
  return true;
}

// hh:mm:ss, as seconds of the day.
std::optional<seconds> take_time(std::string_view& rest) {
  const auto hour = take_number(rest, 2);
  const bool first = take(rest, ":");
  const auto minute = take_number(rest, 2);
  const bool second_colon = take(rest, ":");
  const auto second = take_number(rest, 2);
  if (!hour || !first || !minute || !second_colon || !second || *hour > 23 || *minute > 59 ||
      *second > 60) {
    return std::nullopt;
  }
  return hours(*hour) + minutes(*minute) + seconds(*second);
}

std::optional<WallTime> on_day(int in_year, int in_month, int in_day, milliseconds of_day) {
  const year_month_day date{year(in_year), month(static_cast<unsigned>(in_month)),
                            day(static_cast<unsigned>(in_day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return sys_days(date) + of_day;
}

// ".123456": what follows the third digit is left out.
std::optional<milliseconds> take_fraction(std::string_view& rest) {
  if (!take(rest, ".")) {
    return milliseconds(0);
  }
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 0) {
    return std::nullopt;
  }
  std::string thousandths(rest.substr(0, std::min<std::size_t>(digits, 3)));
  thousandths.resize(3, '0');
  rest.remove_prefix(digits);
  return milliseconds(*parse_number<int>(thousandths));
}

// "Z", "+01:00": what is to be taken off the local time.
std::optional<minutes> take_offset(std::string_view& rest) {
  if (take(rest, "Z") || take(rest, "z")) {
    return minutes(0);
  }
  const int sign = rest.starts_with('-') ? -1 : 1;
  if (!take(rest, "+") && !take(rest, "-")) {
    return std::nullopt;
  }
  const auto hour = take_number(rest, 2);
  const bool colon = take(rest, ":");
  const auto minute = take_number(rest, 2);
  if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  return sign * (hours(*hour) + minutes(*minute));
}

}  // namespace

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

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto in_year = take_number(text, 4);
  const bool first = take(text, "-");
  const auto in_month = take_number(text, 2);
  const bool second = take(text, "-");
  const auto in_day = take_number(text, 2);
  if (!in_year || !first || !in_month || !second || !in_day ||
      (!take(text, "T") && !take(text, "t"))) {
    return std::nullopt;
  }
  const auto of_day = take_time(text);
  const auto fraction = of_day ? take_fraction(text) : std::nullopt;
  const auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) {
    return std::nullopt;
  }
  return on_day(*in_year, *in_month, *in_day, *of_day + *fraction - *offset);
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // The day of the week says nothing new.
  text.remove_prefix(std::min<std::size_t>(text.size(), 3));
  const bool comma = take(text, ", ");
  const auto in_day = take_number(text, 2);
  const bool blank = take(text, " ");
  const auto* const in_month = std::ranges::find(kMonths, text.substr(0, 3));
  if (!comma || !in_day || !blank || in_month == std::end(kMonths)) {
    return std::nullopt;
  }
  text.remove_prefix(3);
  const bool before_year = take(text, " ");
  const auto in_year = take_number(text, 4);
  const bool before_time = take(text, " ");
  const auto of_day = take_time(text);
  if (!before_year || !in_year || !before_time || !of_day || text != " GMT") {
    return std::nullopt;
  }
  const auto number = static_cast<int>(in_month - std::begin(kMonths)) + 1;
  return on_day(*in_year, number, *in_day, *of_day);
}

std::int64_t to_millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime from_millis(std::int64_t millis) { return WallTime{milliseconds{millis}}; }

}  // namespace podplay
