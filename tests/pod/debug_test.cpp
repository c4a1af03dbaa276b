// How podman is asked for the debug container.
#include "pod/debug.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/settings.hpp"

namespace podplay::pod {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

TEST(Debug, JoinsTheProcessesOfItsService) {
  const auto settings = effective_settings({{"PODPLAY_POD_NAME", "trial"}});
  ASSERT_TRUE(settings);
  const auto arguments =
      debug_arguments(*settings, {.service = "mail", .command = {"ps", "aux"}}, true, false, 42);
  EXPECT_THAT(arguments, Contains("container:trial-mail"));
  EXPECT_THAT(arguments, Contains("trial-debug"));
  EXPECT_THAT(arguments, Contains("SYS_PTRACE,NET_ADMIN,NET_RAW"));
  EXPECT_THAT(arguments, Contains("podplay.debug.owner=42"));
  EXPECT_THAT(arguments, Contains("trial-logs:/data/logs:ro"));
  EXPECT_THAT(arguments, Not(Contains("--tty")));
  EXPECT_EQ(arguments[arguments.size() - 2], "ps");
  EXPECT_EQ(arguments.back(), "aux");
}

TEST(Debug, OpensAShellOnATerminal) {
  const auto settings = effective_settings({});
  ASSERT_TRUE(settings);
  const auto arguments = debug_arguments(*settings, {}, true, true, 42);
  EXPECT_THAT(arguments, Contains("--tty"));
  EXPECT_THAT(arguments, Not(Contains("--pid")));
  EXPECT_EQ(arguments.back(), "bash");
}

}  // namespace
}  // namespace podplay::pod
