// The whole agent, from its first start to rows that are proven, and its health port.
#include "agent/agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(AgentTest, EnrolsStartsFollowsAndReports) {
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "fetch"; }))
      << "tells what it waits for";
  EXPECT_EQ(control_.enrolments, 1);
  control_.add_row(test::domain(1, "a.test"));
  control_.add_row(mailbox_of(2, 1, "first@a.test", "$argon2id$x"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  ASSERT_TRUE(control_.wait(
      [&] { return !control_.reports.empty() && control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }))
      << "pushed without waiting for the next poll";

  const auto began = std::chrono::steady_clock::now();
  control_.add_row(mailbox_of(3, 3, "second@a.test", "$argon2id$y"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began);
  fmt::print("one row, from the change to its report: {} us\n", took.count());
  EXPECT_LT(took, 100ms);
  EXPECT_GE(postfix_->directory_probes, 1);

  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_THAT(ask("/readyz").body, HasSubstr("\"ready\":true"));
  EXPECT_THAT(ask("/metrics").body, HasSubstr("podplay_agent_rows_total{service=\"mail\"} 3\n"));
  EXPECT_EQ(ask("/nothing").status, 404);
}

TEST_F(AgentTest, SaysThatItsRunBeforeWasNotStopped) {
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "fetch"; }));
  EXPECT_TRUE(agent_->board().status().repairs.empty()) << "its first run";
  quit();
  launch();
  ASSERT_TRUE(eventually([&] { return agent_->health_port() != 0; }));
  EXPECT_TRUE(agent_->board().status().repairs.empty()) << "it was stopped";
  quit();
  // As SIGKILL leaves it.
  std::ofstream(folder_ / "state/running").flush();
  launch();
  ASSERT_TRUE(eventually([&] { return !agent_->board().status().repairs.empty(); }));
  const SelfRepair repair = agent_->board().status().repairs.front();
  EXPECT_EQ(repair.kind, "service_restarted");
  EXPECT_EQ(repair.subject, "mail");
  EXPECT_THAT(repair.cause, HasSubstr("without being stopped"));
}

}  // namespace
}  // namespace podplay::agent
