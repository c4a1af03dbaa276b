// The refused snapshot, and when it is tried again: its cause may have gone meanwhile, such as a
// full disk.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "model/report.hpp"

namespace podplay::agent {

// Owned by the follower's thread.
class Retry {
 public:
  // The report of the last snapshot, when that was refused.
  const std::optional<ApplyReport>& refusal() const { return refusal_; }
  // Whether it is time to ask for the refused snapshot again.
  bool due(SteadyTime now) const { return refusal_ && now >= try_again_; }

  // After a minute, then after twice as long, up to half an hour. A snapshot that fails only after
  // the reload disturbs the service each time, so it is tried again three times at most.
  void refused(const ApplyReport& report, SteadyTime now);
  // The snapshot is asked for again with the next question, and its tries are counted from zero.
  void make_due(SteadyTime now);
  void forget();

 private:
  std::optional<ApplyReport> refusal_;
  SteadyTime try_again_{};
  std::chrono::seconds pause_{0};
  int tries_ = 0;
};

}  // namespace podplay::agent
