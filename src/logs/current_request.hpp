// The request whose change is being taken over. What daemons say about themselves meanwhile belongs
// to it, so their lines name it.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace podplay::logs {

// For any thread.
class CurrentRequest {
 public:
  // From now on, until end(), or for ten seconds: daemons are told of rows a little later.
  void begin(std::string id) {
    const std::scoped_lock lock(mutex_);
    id_ = std::move(id);
    until_ = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  }
  // A daemon answers a signal a little later, so the id holds for another second.
  void end() {
    const std::scoped_lock lock(mutex_);
    until_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  }
  // Empty: no change is under way.
  std::string id() const {
    const std::scoped_lock lock(mutex_);
    return !id_.empty() && std::chrono::steady_clock::now() < until_ ? id_ : std::string();
  }

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::string id_;
  std::chrono::steady_clock::time_point until_{};
};

}  // namespace podplay::logs
