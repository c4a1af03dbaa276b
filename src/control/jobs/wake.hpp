// Wakes the threads that wait for jobs: the runner when a job was added, requests when one has
// ended. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace podplay::control {

class JobWake {
 public:
  // Call it after the commit.
  void wake() {
    {
      const std::scoped_lock lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }

  // Call it before you look at the store: what happens after the look then ends the wait.
  std::uint64_t count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }

  // Waits until something happened since `seen` was counted, at most `longest`.
  void wait(std::uint64_t seen, std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, longest, [&] { return count_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::uint64_t count_ = 0;
};

}  // namespace podplay::control
