// How long a daemon that ended waits for its next start. Only a daemon that ends soon after each
// start has to wait.
#pragma once

#include <chrono>

namespace podplay::supervise {

// One daemon's pauses. Not for two threads at once.
class Backoff {
 public:
  // A process that lived this long had started well. It is started again at once.
  static constexpr std::chrono::milliseconds kLongEnough{10000};

  // The pause after a process that lived for `lived`: 0.2, 0.5, 1, 2, 5, 10, 20 and 30 s one after
  // the other, then 30 s every time.
  std::chrono::milliseconds after(std::chrono::milliseconds lived);

 private:
  unsigned step_ = 0;
};

}  // namespace podplay::supervise
