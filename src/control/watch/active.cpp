// A control plane that agents have reported to keeps its lock as long as it runs, also while they
// are away. When it ends, PostgreSQL frees the lock, and another one has it a second later.
#include "control/watch/active.hpp"

#include <algorithm>

namespace podplay::control {
namespace {

constexpr std::chrono::milliseconds kFresh{1000};
// Numbers of our own choice, the same in every version.
constexpr std::int64_t kWithAgents = 0x706f64706c617901;
constexpr std::int64_t kWithoutAgents = 0x706f64706c617902;

}  // namespace

bool ActiveOne::is_active() {
  const std::scoped_lock lock(mutex_);
  const SteadyTime now = context_.clock.steady();
  if (asked_ && now - *asked_ < kFresh) {
    return active_;
  }
  asked_ = now;
  const auto decided = decide();
  // Without its database, a control plane has nothing to tell: neither is written.
  const bool active = decided.value_or(false);
  if (active != active_) {
    context_.log.with_component("api.watch")
        .info(active ? "this control plane watches" : "this control plane stands by",
              {{"why", decided ? std::string() : describe(decided.error())}});
  }
  active_ = active;
  return active_;
}

Result<bool> ActiveOne::decide() {
  if (has_had_agents()) {
    TRY(locks_.release(kWithoutAgents));
    return locks_.hold(kWithAgents);
  }
  TRY(const bool nobody_has_agents, locks_.hold(kWithAgents));
  if (!nobody_has_agents) {
    TRY(locks_.release(kWithoutAgents));
    return false;
  }
  TRY(locks_.release(kWithAgents));
  return locks_.hold(kWithoutAgents);
}

bool ActiveOne::has_had_agents() {
  if (!had_agents_) {
    had_agents_ = std::ranges::any_of(context_.hub.statuses(),
                                      [](const ServiceStatus& one) { return one.seen != 0; });
  }
  return had_agents_;
}

}  // namespace podplay::control
