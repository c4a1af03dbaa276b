// The agent's end, as its threads see it: each of them pauses here and leaves when it is requested.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace podplay::agent {

// For any thread.
class StopSignal {
 public:
  void request();
  bool requested() const;
  // Pauses. False when a stop was requested, which ends the pause.
  bool pause(std::chrono::milliseconds duration) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable wakes_;
  // Guarded by mutex_.
  bool requested_ = false;
};

}  // namespace podplay::agent
