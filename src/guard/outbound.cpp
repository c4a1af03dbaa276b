// A table of limited size: who has used the pod's mail least recently is forgotten first.
#include "guard/outbound.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/ascii.hpp"

namespace podplay::guard {
namespace {

using namespace std::chrono;

constexpr std::size_t kMostSenders = 20'000;
constexpr auto kHour = hours(1);

bool has_ended(WallTime began, WallTime now) { return began > now || began + kHour <= now; }

}  // namespace

std::string OutboundRefusal::words() const {
  return fmt::format("this account may send {} {} an hour; send again after {:%H:%M:%S} UTC", limit,
                     of, ceil<seconds>(until));
}

OutboundLimiter::OutboundLimiter(Clock& clock, LimitRules rules)
    : clock_(clock), rules_(std::move(rules)), hours_(kMostSenders) {}

void OutboundLimiter::use_rules(const LimitRules& rules) {
  const std::scoped_lock lock(mutex_);
  rules_ = rules;
}

std::optional<OutboundRefusal> OutboundLimiter::take(const std::string& account,
                                                     std::int64_t recipients) {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  Hour& hour = hours_.get(lower(account));
  if (has_ended(hour.began, now)) {
    hour = {.began = now};
  }
  const auto over = [](std::int64_t limit, std::int64_t count) {
    return limit > 0 && count > limit;
  };
  if (over(rules_.hourly_messages, hour.messages + 1)) {
    return OutboundRefusal{"messages", rules_.hourly_messages, hour.began + kHour};
  }
  if (over(rules_.hourly_recipients, hour.recipients + recipients)) {
    return OutboundRefusal{"recipients", rules_.hourly_recipients, hour.began + kHour};
  }
  ++hour.messages;
  hour.recipients += recipients;
  return std::nullopt;
}

std::vector<Sent> OutboundLimiter::sent() const {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  std::vector<Sent> all;
  for (const auto& [account, hour] : hours_.entries()) {
    if (!has_ended(hour.began, now)) {
      all.push_back({.account = account,
                     .began = hour.began,
                     .messages = hour.messages,
                     .recipients = hour.recipients});
    }
  }
  return all;
}

void OutboundLimiter::restore(const std::vector<Sent>& sent) {
  const std::scoped_lock lock(mutex_);
  for (const Sent& one : sent) {
    hours_.get(one.account) = {one.began, one.messages, one.recipients};
  }
}

}  // namespace podplay::guard
