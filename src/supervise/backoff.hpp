// How long a daemon that ended waits for its next start: only what dies at start is throttled.
#pragma once

#include <chrono>

namespace podplay::supervise {

class Backoff {
 public:
  // A process that lived this long had started well; it is started again at once.
  static constexpr std::chrono::milliseconds kLongEnough{10000};

  // The pause after a process that lived for `lived`: 0.2, 0.5, 1, 2, 5, 10, 20, 30 s, then always
  // 30 s.
  std::chrono::milliseconds after(std::chrono::milliseconds lived);

 private:
  unsigned step_ = 0;
};

}  // namespace podplay::supervise
