// Commands as real child processes.
#include "base/runner.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace podplay {
namespace {

TEST(Runner, GivesOutputInputAndExitCode) {
  ProcessRunner runner(silent_logger(), false);
  const auto done = runner.run({.argv = {"sh", "-c", "cat; echo err >&2; echo $X; exit 3"},
                                .input = "in\n",
                                .environment = {{"X", "env"}}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->out, "in\nenv\n");
  EXPECT_EQ(done->words(), "in\nenv\nerr");
  EXPECT_FALSE(run_or_fail(runner, {.argv = {"false"}}));
  const auto missing = runner.run({.argv = {"/no/such/program"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "command_start");
}

TEST(Runner, EndsWhatTakesTooLong) {
  ProcessRunner runner(silent_logger(), false);
  const auto late =
      runner.run({.argv = {"sleep", "30"}, .deadline = std::chrono::milliseconds(100)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
}

}  // namespace
}  // namespace podplay
