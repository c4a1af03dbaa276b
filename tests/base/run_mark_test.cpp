#include "base/run_mark.hpp"

#include <gtest/gtest.h>

#include "base/test_folder.hpp"

namespace podplay {
namespace {

TEST(RunMark, TellsARunThatWasStoppedFromOneThatEndedOtherwise) {
  const test::TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/running";
  RunMark first(files, path);
  EXPECT_EQ(first.begin().value(), std::nullopt) << "there was none before";

  RunMark killed(files, path);
  const auto why = killed.begin().value();
  ASSERT_TRUE(why);
  EXPECT_TRUE(why->starts_with("it ended without being stopped")) << *why;
  ASSERT_TRUE(killed.end());

  RunMark stopped(files, path);
  EXPECT_EQ(stopped.begin().value(), std::nullopt);
  ASSERT_TRUE(stopped.end(Error{.message = "the directory is empty"}));

  RunMark failed(files, path);
  EXPECT_EQ(failed.begin().value(), "the directory is empty");
  ASSERT_TRUE(failed.end());
  EXPECT_FALSE(files.exists(path));
}

TEST(RunMark, WhatCannotBeWrittenIsAnError) {
  const test::TestFolder folder;
  RealFiles files;
  EXPECT_FALSE(RunMark(files, folder.path() + "/missing/running").begin());
}

}  // namespace
}  // namespace podplay
