// An error is the same after it was a problem document.
#include "wire/problem.hpp"

#include <gtest/gtest.h>

namespace podplay::wire {
namespace {

TEST(Problem, ThereAndBack) {
  const Error error =
      fail_faults({{"email", "bad_email", "no", "do"}, {"x", "y", "z", ""}}).error();
  const Error back = error_from_problem(http_status(error), to_problem(error, "r1").dump());
  EXPECT_EQ(back.kind, error.kind);
  EXPECT_EQ(back.faults.size(), 2U);
  EXPECT_EQ(back.message, error.message);
  EXPECT_EQ(error_from_problem(502, "<html>").kind, ErrorKind::unavailable);
}

TEST(Problem, ADocumentOfSomebodyElseIsStillAnError) {
  const Error error =
      error_from_problem(503, R"({"title":"busy","errors":[{"field":1},"x"],"code":7})");
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.code, "unknown");
  EXPECT_EQ(error.message, "busy");
  EXPECT_TRUE(error.faults.empty());
}

}  // namespace
}  // namespace podplay::wire
