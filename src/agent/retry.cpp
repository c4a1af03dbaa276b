// Only the last refused snapshot counts: it replaces the one before, and the pauses go on growing
// until a snapshot is applied.
#include "agent/retry.hpp"

#include <algorithm>

namespace podplay::agent {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstRetryPause{60};
constexpr seconds kLastRetryPause{1800};
constexpr int kMostDisturbing = 3;

}  // namespace

void Retry::refused(const ApplyReport& report, SteadyTime now) {
  refusal_ = report;
  ++tries_;
  pause_ = std::clamp(pause_ * 2, kFirstRetryPause, kLastRetryPause);
  const bool disturbs = report.stage == Stage::reload || report.stage == Stage::probe;
  if (disturbs && tries_ > kMostDisturbing) {
    try_again_ = SteadyTime::max();
  } else {
    try_again_ = now + pause_;
  }
}

void Retry::make_due(SteadyTime now) {
  try_again_ = now;
  tries_ = 0;
}

void Retry::forget() {
  refusal_.reset();
  pause_ = seconds{0};
  tries_ = 0;
}

}  // namespace podplay::agent
