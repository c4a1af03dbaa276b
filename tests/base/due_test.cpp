// Work is due when its period has passed on the wall clock, and when that clock was set back.
#include "base/due.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

using namespace std::chrono_literals;

TEST(Due, IsDueAfterItsPeriodAndWhenTheClockWasSetBack) {
  const WallTime last{24h * 365};
  EXPECT_FALSE(is_due(last, 12h, last));
  EXPECT_FALSE(is_due(last, 12h, last + 12h - 1ms));
  EXPECT_TRUE(is_due(last, 12h, last + 12h));
  EXPECT_TRUE(is_due(last, 12h, last + 24h * 30)) << "the machine slept for a month";
  EXPECT_TRUE(is_due(last, 12h, last - 1ms)) << "what was made then is not valid yet";
}

}  // namespace
}  // namespace podplay
