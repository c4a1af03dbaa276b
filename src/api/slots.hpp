// How many of one kind of answer may be under way at once, such as those that go on for minutes.
#pragma once

#include <atomic>
#include <memory>

namespace podplay::api {

// For any thread.
class Slots {
 public:
  explicit Slots(int most) : left_(std::make_shared<std::atomic<int>>(most)) {}
  // Held as long as the result lives; nullptr: all are taken.
  std::shared_ptr<void> take() {
    if (left_->fetch_sub(1) <= 0) {
      left_->fetch_add(1);
      return nullptr;
    }
    return {left_.get(), [left = left_](void*) { left->fetch_add(1); }};
  }

 private:
  std::shared_ptr<std::atomic<int>> left_;
};

}  // namespace podplay::api
