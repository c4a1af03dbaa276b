// A program that is kept running: it is asked twice, its last words are kept, and one that does not
// answer is given up.
#include "base/coprocess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podplay {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::unique_ptr<Coprocess> shell(const std::string& script) {
  auto started = Coprocess::start({"/bin/sh", "-c", script}, nullptr);
  EXPECT_TRUE(started) << describe(started.error());
  return std::move(*started);
}

TEST(Coprocess, AnswersAgainAndAgain) {
  const auto echo = shell("while read -r line; do echo \"got $line\"; done");
  EXPECT_EQ(echo->ask("one\n", "got ", 5s).value(), "got one\n");
  EXPECT_EQ(echo->ask("two\n", "got ", 5s).value(), "got two\n");
}

TEST(Coprocess, MoreInputThanASocketHolds) {
  const auto count = shell("read -r line; echo \"chars ${#line}\"; cat >/dev/null");
  EXPECT_EQ(count->ask(std::string(500'000, 'x') + "\n", "chars ", 20s).value(), "chars 500000\n");
}

TEST(Coprocess, ItsLastWordsAreInTheError) {
  const auto failing = shell("read -r line; echo \"cannot read $line\" >&2; exit 1");
  const auto answer = failing->ask("this\n", "never", 5s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "coprocess_ended");
  EXPECT_THAT(answer.error().message, HasSubstr("cannot read this"));
  EXPECT_EQ(failing->ask("more\n", "never", 5s).error().code, "coprocess_ended");
}

TEST(Coprocess, ADeadlineHolds) {
  const auto silent = shell("echo begun; cat >/dev/null");
  const auto answer = silent->ask("this\n", "never", 200ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::timeout);
}

TEST(Coprocess, AProgramThatIsNotThereIsNamed) {
  const auto started = Coprocess::start({"/nonexistent/program"}, nullptr);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("/nonexistent/program"));
}

}  // namespace
}  // namespace podplay
