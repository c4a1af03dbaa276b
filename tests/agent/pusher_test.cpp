// Changes of state are reported without waiting for the next poll.
#include "agent/pusher.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

using PusherTest = AgentTest;

TEST_F(PusherTest, ADeadDaemonIsToldAtOnce) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const int pid = control_.status.daemons.at(0).pid;
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(control_.wait([&] { return control_.status.daemons.at(0).pid != pid; }, 2s));
  ASSERT_TRUE(control_.wait(
      [&] {
        return control_.status.state == "ready" && control_.status.daemons.at(0).restarts == 1;
      },
      3s));
}

}  // namespace
}  // namespace podplay::agent
