// How full a mailbox is: the agent's numbers, the store's limit, and nobody else's mailbox.
#include "control/mail/usage.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/fake_agent.hpp"

namespace podplay::control {
namespace {

class UsageTest : public test::ControlTest {};

TEST_F(UsageTest, NumbersOfTheAgentAndTheLimitOfTheStore) {
  test::FakeAgent agent(context, {ServiceName::mail},
                        {test::yes({{"used", 2048}, {"messages", 3}})});
  const auto usage = mailbox_usage(context, admin, "admin@example.test");
  ASSERT_TRUE(usage) << describe(usage.error());
  EXPECT_EQ(agent.taken.at(0).arguments, R"({"mailbox":"admin@example.test"})");
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
