// How full a mailbox is: the agent's numbers, the store's limit, and nobody else's mailbox.
#include "control/mail/usage.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class UsageTest : public test::ControlTest {
 protected:
  // The mail agent answers the next command with `result`.
  std::thread agent(const std::string& result, std::string& arguments) {
    give_work(context, {ServiceName::mail}, {.snapshot_hash = "x", .wait = 0});
    return std::thread([this, result, &arguments] {
      std::vector<AgentCommand> taken;
      while (taken.empty()) {
        taken = context.hub.take_commands({ServiceName::mail}, "agent");
      }
      arguments = taken.at(0).arguments;
      context.hub.finish_command({ServiceName::mail},
                                 {.id = taken.at(0).id, .ok = true, .result = result});
    });
  }
};

TEST_F(UsageTest, NumbersOfTheAgentAndTheLimitOfTheStore) {
  std::string asked;
  auto answering = agent(R"({"used":2048,"messages":3})", asked);
  const auto usage = mailbox_usage(context, admin, "admin@example.test");
  answering.join();
  ASSERT_TRUE(usage) << describe(usage.error());
  EXPECT_EQ(asked, R"({"mailbox":"admin@example.test"})");
  EXPECT_EQ(usage->used, 2048);
  EXPECT_EQ(usage->messages, 3);
  EXPECT_EQ(usage->quota, 524288000);
}

TEST_F(UsageTest, SomebodyElsesMailboxIsUnknown) {
  const auto made = create_user(context, admin, input("ann@example.test"), {});
  ASSERT_TRUE(made) << describe(made.error());
  const Actor ann = Actor::of(made->object);
  EXPECT_EQ(code(mailbox_usage(context, ann, "admin@example.test")), "user_unknown");
}

}  // namespace
}  // namespace podplay::control
