// Unified diffs show the changes with three lines of context, and nothing for equal texts.
#include <gtest/gtest.h>

#include "base/files.hpp"

namespace podplay {
namespace {

TEST(Diff, ShowsChangesWithContext) {
  const std::string before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
  const std::string after = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\n";
  EXPECT_EQ(unified_diff(before, after, "x"),
            "--- a/x\n+++ b/x\n@@ -2,9 +2,10 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n i\n j\n+k\n");
  EXPECT_EQ(unified_diff(before, before, "x"), "");
  EXPECT_EQ(unified_diff("", "a\n", "x"), "--- a/x\n+++ b/x\n@@ -1,0 +1,1 @@\n+a\n");
}

}  // namespace
}  // namespace podplay
