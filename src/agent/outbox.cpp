// A report is sent only after all earlier ones. The link's next question logs why sending fails;
// this file does not.
#include "agent/outbox.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kMostUnsent = 100;

}  // namespace

bool Outbox::flush() {
  while (!unsent_.empty() && link_.report(unsent_.front())) {
    unsent_.pop_front();
  }
  return unsent_.empty();
}

void Outbox::send(const ApplyReport& report) {
  if (unsent_.empty() && link_.report(report)) {
    return;
  }
  unsent_.push_back(report);
  if (unsent_.size() > kMostUnsent) {
    unsent_.pop_front();
  }
}

}  // namespace podplay::agent
