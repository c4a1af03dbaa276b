// Counts tries in a sliding hour, for each client address and for each pair of address and account.
// The number of entries is limited, so that guessing cannot fill the memory.
#include "control/identity/limits.hpp"

#include <algorithm>

namespace podplay::control {
namespace {

constexpr std::size_t kMostFailures = 10;
constexpr std::size_t kMostFailuresOfAddress = 50;
constexpr auto kFailureWindow = std::chrono::hours(1);
// Most entries in memory.
constexpr std::size_t kMostKnown = 100'000;

}  // namespace

bool LoginLimits::is_full(const std::string& key, std::size_t most, WallTime now) {
  const auto found = tries_.find(key);
  if (found == tries_.end()) {
    return false;
  }
  std::erase_if(found->second, [&](WallTime at) { return at + kFailureWindow < now; });
  return found->second.size() >= most;
}

bool LoginLimits::begin(const std::string& address, const std::string& account, WallTime now) {
  const std::scoped_lock lock(mutex_);
  const std::string both = address + " " + account;
  if (is_full(both, kMostFailures, now) || is_full(address, kMostFailuresOfAddress, now)) {
    return false;
  }
  if (tries_.size() >= kMostKnown) {
    std::erase_if(tries_, [&](const auto& entry) {
      return entry.second.empty() || entry.second.back() + kFailureWindow < now;
    });
  }
  // When the table is full, clients in it are counted on, and new ones may not try.
  if (tries_.size() >= kMostKnown && !tries_.contains(address)) {
    return false;
  }
  tries_[both].push_back(now);
  tries_[address].push_back(now);
  return true;
}

void LoginLimits::succeeded(const std::string& address, const std::string& account,
                            WallTime began) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& key : {address + " " + account, address}) {
    const auto found = tries_.find(key);
    if (found == tries_.end()) {
      continue;
    }
    const auto one = std::ranges::find(found->second, began);
    if (one != found->second.end()) {
      found->second.erase(one);
    }
    if (found->second.empty()) {
      tries_.erase(found);
    }
  }
}

}  // namespace podplay::control
