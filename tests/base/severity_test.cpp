// The daemons' words for the severity of a line are known in any case.
#include "base/severity.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Severity, KnowsEveryDaemonsWords) {
  EXPECT_EQ(level_of_severity("emerg"), Level::error);
  EXPECT_EQ(level_of_severity("Panic"), Level::error);
  EXPECT_EQ(level_of_severity("critical"), Level::error);
  EXPECT_EQ(level_of_severity("Error"), Level::error);
  EXPECT_EQ(level_of_severity("warn"), Level::warn);
  EXPECT_EQ(level_of_severity("WARNING"), Level::warn);
  EXPECT_EQ(level_of_severity("notice"), Level::info);
  EXPECT_EQ(level_of_severity("debug 3"), Level::debug);
  EXPECT_EQ(level_of_severity("trace8"), Level::trace);
}

TEST(Severity, OtherWordsAreNone) {
  for (const std::string_view word : {"", "8", "errors", "an error", "connect"}) {
    EXPECT_EQ(level_of_severity(word), std::nullopt) << word;
  }
}

}  // namespace
}  // namespace podplay
