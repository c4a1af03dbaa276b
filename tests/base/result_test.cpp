// Errors are made, gathered and described without losing a fault.
#include "base/result.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Result, OneFaultGivesItsCodeAndRemedy) {
  const Status status = fail_faults(
      {{"email", "bad_email", "'x' is not an e-mail address", "write name@example.com"}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "bad_email");
  EXPECT_EQ(describe(status.error()), "'x' is not an e-mail address (write name@example.com)");
}

TEST(Result, SeveralFaultsAreAllTold) {
  const Status status =
      fail_faults({{"a", "x", "a is wrong", ""}, {"b", "y", "b is wrong", "fix b"}});
  EXPECT_EQ(status.error().code, "invalid");
  EXPECT_EQ(describe(status.error()),
            "a is wrong; b is wrong\n  a: a is wrong\n  b: b is wrong (fix b)");
  const Status one = fail_faults({{"a", "x", "a is wrong", "fix a"}}, "nothing was done");
  EXPECT_EQ(describe(one.error()), "nothing was done: a is wrong (fix a)")
      << "a heading does not hide the one fault";
}

TEST(Result, FaultsOfSeveralResultsAreCollected) {
  std::vector<Fault> faults;
  collect(faults, Result<int>(7));
  EXPECT_TRUE(no_faults(faults));
  collect(faults, Result<int>(fail_faults({{"a", "x", "a is wrong", "fix a"}})));
  collect(faults, Status(fail(ErrorKind::io, "disk_full", "cannot write b", "free some space")));
  const Status status = no_faults(faults, "nothing was done");
  ASSERT_FALSE(status);
  ASSERT_EQ(status.error().faults.size(), 2U);
  EXPECT_EQ(status.error().faults[0].field, "a");
  EXPECT_EQ(status.error().faults[1].code, "disk_full")
      << "an error that names no field is not lost";
  EXPECT_EQ(status.error().message, "nothing was done");
}

}  // namespace
}  // namespace podplay
