// Each early end makes the next pause longer. A process that lived long enough starts the table of
// pauses from the beginning.
#include "supervise/backoff.hpp"

#include <algorithm>
#include <array>

namespace podplay::supervise {

std::chrono::milliseconds Backoff::after(std::chrono::milliseconds lived) {
  static constexpr std::array<int, 8> kPauses{200, 500, 1000, 2000, 5000, 10000, 20000, 30000};
  if (lived >= kLongEnough) {
    step_ = 0;
    return std::chrono::milliseconds{0};
  }
  const int pause = kPauses[step_];
  step_ = std::min<unsigned>(step_ + 1, kPauses.size() - 1);
  return std::chrono::milliseconds{pause};
}

}  // namespace podplay::supervise
