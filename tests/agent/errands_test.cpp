// Commands of the control plane, their lanes and their results.
#include "agent/errands.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using testing::HasSubstr;
using wire::Json;

class ErrandsTest : public AgentTest {
 protected:
  void serve() {
    control_.set_snapshot(mail_snapshot(1, "one.test"));
    launch();
    ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  }
  void give(const std::string& id, const std::string& verb, const std::string& arguments = "{}") {
    control_.add_command({.id = id, .verb = verb, .arguments = arguments, .request_id = "r" + id});
  }
  void give_dry_run(const std::string& id) {
    const Json arguments{{"snapshot", wire::to_json(mail_snapshot(9, "dry.test"))}};
    give(id, "dry_run", arguments.dump());
  }
  // A copy of the result; empty when it does not come.
  CommandResult result_of(const std::string& id) {
    CommandResult result;
    control_.wait(
        [&] {
          const CommandResult* found = control_.result_of(id);
          if (found != nullptr) {
            result = *found;
          }
          return found != nullptr;
        },
        std::chrono::seconds{5});
    return result;
  }
};

TEST_F(ErrandsTest, RunsCommands) {
  serve();
  const int pid = control_.status.daemons.at(0).pid;
  give("1", "queue");
  give("2", "fly");
  give_dry_run("3");
  give("4", "restart", R"({"daemon":"postfix"})");
  EXPECT_EQ(result_of("1").result, R"({"messages":[]})");
  const CommandResult unknown = result_of("2");
  EXPECT_FALSE(unknown.ok);
  EXPECT_THAT(unknown.result, HasSubstr("verb_unknown"));
  EXPECT_THAT(result_of("3").result, HasSubstr("+myhostname = dry.test"));
  const CommandResult restarted = result_of("4");
  EXPECT_TRUE(restarted.ok) << restarted.result;
  ASSERT_TRUE(control_.wait([&] { return control_.status.daemons.at(0).pid != pid; }));
}

TEST_F(ErrandsTest, QueriesAreAnsweredWhileALongCommandRuns) {
  serve();
  postfix_->held = true;
  give("long", "test");
  ASSERT_TRUE(eventually([&] { return postfix_->holding == 1; }));
  give("query", "queue");
  give_dry_run("check");
  EXPECT_TRUE(result_of("query").ok);
  EXPECT_TRUE(result_of("check").ok);
  EXPECT_EQ(postfix_->holding, 1) << "it still runs";
  postfix_->held = false;
  EXPECT_TRUE(result_of("long").ok);
}

TEST_F(ErrandsTest, QueriesAndDryRunsAreAnsweredWhileAChangeIsUnderWay) {
  serve();
  postfix_->held = true;
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(eventually([&] { return postfix_->holding == 1; })) << "it reloads";
  give("query", "queue");
  give_dry_run("check");
  EXPECT_TRUE(result_of("query").ok);
  EXPECT_TRUE(result_of("check").ok);
  EXPECT_EQ(postfix_->holding, 1) << "it still reloads";
  postfix_->held = false;
  ASSERT_TRUE(control_.wait(
      [&] { return !control_.reports.empty() && control_.reports.back().revision == 2; }));
}

TEST_F(ErrandsTest, AFullLaneRefusesAtOnceAndKeepsWhatItHas) {
  serve();
  postfix_->held = true;
  give("0", "test");
  ASSERT_TRUE(eventually([&] { return postfix_->holding == 1; }));
  for (int i = 1; i <= 33; ++i) {
    give(fmt::format("{}", i), "test");
  }
  const CommandResult refused = result_of("33");
  EXPECT_FALSE(refused.ok);
  EXPECT_THAT(refused.result, HasSubstr("agent_busy"));
  give("query", "queue");
  EXPECT_TRUE(result_of("query").ok) << "the other lanes have room";
  postfix_->held = false;
  for (int i = 0; i <= 32; ++i) {
    EXPECT_TRUE(result_of(fmt::format("{}", i)).ok) << i;
  }
}

TEST(ErrandsLanes, WhatMayTakeMinutesKeepsNoQueryWaiting) {
  for (const char* verb : {"restart", "test", "mailbox_copy", "deleted_restore", "deleted_erase"}) {
    EXPECT_EQ(lane_of(verb), Lane::long_work) << verb;
  }
  for (const char* verb : {"metrics", "queue", "send", "evidence", "look", "unheard_of"}) {
    EXPECT_EQ(lane_of(verb), Lane::query) << verb;
  }
  EXPECT_EQ(lane_of("dry_run"), Lane::check);
}

}  // namespace
}  // namespace podplay::agent
