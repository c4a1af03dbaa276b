// Only a process that dies soon after its start is throttled.
#include "supervise/backoff.hpp"

#include <gtest/gtest.h>

namespace podplay::supervise {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, GrowsTo30SecondsWhileTheDaemonDiesAtStart) {
  Backoff backoff;
  for (const int expected : {200, 500, 1000, 2000, 5000, 10000, 20000, 30000, 30000, 30000}) {
    EXPECT_EQ(backoff.after(milliseconds{100}), milliseconds{expected});
  }
}

TEST(Backoff, StartsAtOnceWhatHadLivedLong) {
  Backoff backoff;
  backoff.after(milliseconds{0});
  backoff.after(milliseconds{0});
  EXPECT_EQ(backoff.after(milliseconds{10000}), milliseconds{0});
  EXPECT_EQ(backoff.after(milliseconds{9999}), milliseconds{200}) << "and the pauses begin again";
}

}  // namespace
}  // namespace podplay::supervise
