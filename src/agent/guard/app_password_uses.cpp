// What could not be told is noted again, unless the same app password was used since.
#include "agent/guard/app_password_uses.hpp"

namespace podplay::agent {
namespace {

constexpr std::size_t kMostWaiting = 10'000;

}  // namespace

void AppPasswordUses::note(AppPasswordUse use) {
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(use.id);
  if (found == uses_.end() && uses_.size() >= kMostWaiting) {
    return;
  }
  if (found == uses_.end() || found->second.at <= use.at) {
    uses_.insert_or_assign(use.id, std::move(use));
  }
}

std::vector<AppPasswordUse> AppPasswordUses::take() {
  std::vector<AppPasswordUse> taken;
  const std::scoped_lock lock(mutex_);
  for (auto& [id, use] : uses_) {
    taken.push_back(std::move(use));
  }
  uses_.clear();
  return taken;
}

}  // namespace podplay::agent
