// The daemons start without the control plane, but never with an empty directory.
#include "agent/keeper.hpp"

#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

using KeeperTest = AgentTest;

TEST_F(KeeperTest, StartsFromDiskWhenTheControlPlaneIsAway) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
  quit();
  control_.stop();
  launch();
  EXPECT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

TEST_F(KeeperTest, WithoutAWholeDirectoryNoDaemonStarts) {
  serve_once_and_lose_the_directory();
  const int port = control_.port();
  control_.stop();
  launch();
  ASSERT_TRUE(eventually([&] {
    return agent_->board().status().stage == "directory" &&
           lines_->count("the control plane is away") > 0;
  }));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(agent_->board().status().daemons.at(0).pid, 0) << "it would refuse everybody's mail";
  control_.start(port);
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

}  // namespace
}  // namespace podplay::agent
