// A child process starts with clean signals, a merged environment and the given descriptors.
#include "base/child.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace podplay {
namespace {

// The exit code of `child`; -1 when it did not start or was killed.
int exit_code(const ChildSpec& child) {
  const auto pid = start_child(child);
  int status = 0;
  if (!pid || ::waitpid(*pid, &status, 0) != *pid || !WIFEXITED(status)) {
    return -1;
  }
  return WEXITSTATUS(status);
}

TEST(Child, SeesOurEnvironmentWithWhatWasAdded) {
  ASSERT_EQ(::setenv("CHILD_TEST_OURS", "ours", 1), 0);
  ASSERT_EQ(::setenv("CHILD_TEST_BOTH", "ours", 1), 0);
  EXPECT_EQ(exit_code({.argv = {"sh", "-c",
                                R"(test "$CHILD_TEST_OURS$CHILD_TEST_BOTH$ADDED" = ourshishis)"},
                       .environment = {{"CHILD_TEST_BOTH", "his"}, {"ADDED", "his"}}}),
            0);
}

TEST(Child, ReadsNothingUnlessAnInputIsGiven) {
  EXPECT_EQ(exit_code({.argv = {"sh", "-c", "test -z \"$(cat)\""}}), 0);
}

TEST(Child, LeadsASessionWhenAsked) {
  // proc(5): the fields behind the name are state, parent, group, session.
  const std::string leads = "read -r _ _ _ _ _ session _ </proc/$$/stat; test $session = $$";
  EXPECT_EQ(exit_code({.argv = {"sh", "-c", leads}, .own_session = true}), 0);
  EXPECT_EQ(exit_code({.argv = {"sh", "-c", leads}}), 1);
}

TEST(Child, StartsWithDefaultSignalsAndNoneBlocked) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(::sigprocmask(SIG_BLOCK, &blocked, &before), 0);
  const int code = exit_code({.argv = {"sh", "-c", "kill -TERM $$; exit 7"}});
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(code, -1) << "SIGTERM ends the child, since it is not blocked there";
}

TEST(Child, AProgramThatIsNotThereIsAnError) {
  const auto missing = start_child({.argv = {"/no/such/program"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(missing.error().code, "command_start");
}

}  // namespace
}  // namespace podplay
