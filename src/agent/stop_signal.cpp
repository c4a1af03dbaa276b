// Once requested, a stop stays requested: nothing resets it.
#include "agent/stop_signal.hpp"

namespace podplay::agent {

void StopSignal::request() {
  const std::scoped_lock lock(mutex_);
  requested_ = true;
  wakes_.notify_all();
}

bool StopSignal::requested() const {
  const std::scoped_lock lock(mutex_);
  return requested_;
}

bool StopSignal::pause(std::chrono::milliseconds duration) const {
  std::unique_lock lock(mutex_);
  return !wakes_.wait_for(lock, duration, [&] { return requested_; });
}

}  // namespace podplay::agent
