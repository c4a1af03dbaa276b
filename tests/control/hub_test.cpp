// Agents' states, commands and wake-ups.
#include "control/hub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/users.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class HubTest : public test::ControlTest {};

TEST_F(HubTest, ACommandBelongsToItsServiceAndToOneInstanceOfItsAgent) {
  const auto seen = [&] {
    give_work(context, {ServiceName::mail}, {.snapshot_hash = "x", .wait = 0});
  };
  seen();
  std::thread asking([&] {
    const auto answer =
        context.hub.command({ServiceName::mail}, "queue", "{}", "r", std::chrono::seconds(10));
    EXPECT_EQ(answer.value_or("nothing"), "mine");
  });
  std::vector<AgentCommand> taken;
  while (taken.empty()) {
    taken = context.hub.take_commands({ServiceName::mail}, "first");
  }
  EXPECT_TRUE(context.hub.take_commands({ServiceName::mail}, "first").empty()) << "it has it";
  EXPECT_EQ(context.hub.take_commands({ServiceName::mail}, "second").at(0).id, taken.at(0).id)
      << "the first one died with it";
  EXPECT_TRUE(context.hub.take_commands({ServiceName::apache}, "third").empty());
  context.hub.finish_command({ServiceName::apache},
                             {.id = taken.at(0).id, .ok = true, .result = "forged"});
  context.hub.finish_command({ServiceName::mail}, {.id = "c1", .ok = true, .result = "guessed"});
  context.hub.finish_command({ServiceName::mail},
                             {.id = taken.at(0).id, .ok = true, .result = "mine"});
  asking.join();
}

TEST_F(HubTest, ACommandGoesToTheAgentThatIsNamed) {
  const AgentName second{.service = ServiceName::mail, .host = "second"};
  context.hub.seen({.agent = {ServiceName::mail}});
  context.hub.expect(second);
  const auto away = context.hub.command(second, "queue", "{}", "r", std::chrono::seconds(10));
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, "agent_away") << "it was never seen, and nobody waits for it";
  context.hub.seen({.agent = second});
  std::thread asking([&] {
    const auto answer = context.hub.command(second, "queue", "{}", "r", std::chrono::seconds(10));
    EXPECT_EQ(answer.value_or("nothing"), "mine");
  });
  std::vector<AgentCommand> taken;
  while (taken.empty()) {
    EXPECT_TRUE(context.hub.take_commands({ServiceName::mail}, "one").empty());
    taken = context.hub.take_commands(second, "two");
  }
  context.hub.finish_command(second, {.id = taken.at(0).id, .ok = true, .result = "mine"});
  asking.join();
}

TEST_F(HubTest, AnAgentThatNeverReportedIsAwayOnlyAfterAWhile) {
  EXPECT_EQ(context.hub.statuses().front().state, "starting") << "nothing is wrong yet";
  plane.clock.moved += std::chrono::seconds(41);
  EXPECT_EQ(context.hub.statuses().front().state, "away");
}

TEST_F(HubTest, AnAgentThatHangsUpIsAwayUntilItIsSeenAgain) {
  const auto asks = [&](bool hangs_up) {
    ASSERT_TRUE(give_work(context, {ServiceName::mail}, {.wait = 0}));
    // What there was to do was taken; now it waits.
    context.hub.wait_for_change(
        {ServiceName::mail}, std::chrono::seconds(hangs_up ? 30 : 0), [] { return false; },
        [&] { return hangs_up; });
  };
  const auto state = [&] {
    const auto all = context.hub.statuses();
    const auto mail = std::ranges::find_if(
        all, [](const ServiceStatus& one) { return one.agent.service == ServiceName::mail; });
    return mail->state;
  };
  asks(true);
  EXPECT_EQ(state(), "away");
  asks(false);
  EXPECT_NE(state(), "away");
  // The connection before the last one ends only now.
  context.hub.wait_for_change(
      {ServiceName::mail}, std::chrono::seconds(30), [] { return false; },
      [&] {
        plane.clock.moved += std::chrono::seconds(1);
        EXPECT_TRUE(give_work(context, {ServiceName::mail}, {.wait = 0}));
        return true;
      });
  EXPECT_NE(state(), "away") << "it has another connection";
}

TEST_F(HubTest, RowsAskForNoSnapshot) {
  settle_everything();
  ASSERT_TRUE(create_user(context, admin, input("rows@example.test"), {}));
  ASSERT_TRUE(create_domain(context, admin, "rows.test", true, {}));
  for (const ServiceName service : kServices) {
    EXPECT_FALSE(context.hub.wants_snapshot({service}))
        << "or a row would cost as much as there are of them";
  }
}

TEST_F(HubTest, ARevisionIsSettledWhenEveryHostHasIt) {
  const AgentName second{ServiceName::mail, "second"};
  context.hub.expect(second);
  context.hub.settle({ServiceName::mail}, 7);
  EXPECT_FALSE(context.hub.wait_settled({ServiceName::mail}, 7, {}));
  context.hub.settle(second, 7);
  EXPECT_TRUE(context.hub.wait_settled({ServiceName::mail}, 7, {}));
  EXPECT_EQ(context.hub.agents(ServiceName::mail).size(), 2U);
  EXPECT_EQ(context.hub.statuses().size(), 4U);
}

}  // namespace
}  // namespace podplay::control
