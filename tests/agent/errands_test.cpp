// Commands of the control plane and their results.
#include "agent/errands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using testing::HasSubstr;
using wire::Json;

using ErrandsTest = AgentTest;

TEST_F(ErrandsTest, RunsCommands) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const int pid = control_.status.daemons.at(0).pid;
  control_.add_command({"1", "queue", "{}", "r1"});
  control_.add_command({"2", "fly", "{}", "r2"});
  control_.add_command({"3", "dry_run",
                        Json{{"snapshot", wire::to_json(mail_snapshot(9, "dry.test"))}}.dump(),
                        "r3"});
  control_.add_command({"4", "restart", R"({"daemon":"postfix"})", "r4"});
  ASSERT_TRUE(control_.wait([&] { return control_.results.size() == 4; }));
  EXPECT_EQ(control_.results[0].result, R"({"messages":[]})");
  EXPECT_FALSE(control_.results[1].ok);
  EXPECT_THAT(control_.results[1].result, HasSubstr("verb_unknown"));
  EXPECT_THAT(control_.results[2].result, HasSubstr("+myhostname = dry.test"));
  EXPECT_TRUE(control_.results[3].ok) << control_.results[3].result;
  ASSERT_TRUE(control_.wait([&] { return control_.status.daemons.at(0).pid != pid; }));
}

}  // namespace
}  // namespace podplay::agent
