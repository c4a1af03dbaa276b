// How many of one kind of answer may be under way at once, such as those that go on for minutes. A
// half is kept for administrators, who must see what is wrong while others look, too.
#pragma once

#include <atomic>
#include <memory>

#include "control/identity/actor.hpp"

namespace podplay::api {

// For any thread.
class Slots {
 public:
  explicit Slots(int most) : most_(most), left_(std::make_shared<std::atomic<int>>(most)) {}
  // Held as long as the result lives; nullptr: all that this actor may take are taken.
  std::shared_ptr<void> take(const control::Actor& actor) {
    const int kept = actor.administers_all() ? 0 : most_ / 2;
    if (left_->fetch_sub(1) <= kept) {
      left_->fetch_add(1);
      return nullptr;
    }
    return {left_.get(), [left = left_](void*) { left->fetch_add(1); }};
  }

 private:
  // Constant after construction.
  const int most_;
  std::shared_ptr<std::atomic<int>> left_;
};

}  // namespace podplay::api
