// Times as text and as numbers.
#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_rfc3339(from_millis(1769860800123)), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(to_millis(from_millis(-1)), -1);
}

}  // namespace
}  // namespace podplay
