// Mail that waits for a deleted mailbox does not wait for the next owner of the address.
#include "control/mail/waiting_mail.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/fake_agent.hpp"
#include "control/jobs/run_job.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;
using test::FakeAgent;
using test::yes;

const AgentName kMail{.service = ServiceName::mail};
const json kNothing{{"messages", json::array()}, {"truncated", false}};
const json kOneWaits{{"messages",
                      {{{"queue_id", "4gGabcdefgz1"},
                        {"queue_name", "deferred"},
                        {"arrival_time", 1},
                        {"message_size", 10},
                        {"forced_expire", false},
                        {"sender", "x@far.test"},
                        {"recipients", {{{"address", "ann@example.test"}}}}}}},
                     {"truncated", false}};
const json kDone{
    {"count", 1}, {"queue_ids", {"4gGabcdefgz1"}}, {"messages", json::array()}, {"more", false}};

class WaitingMailTest : public test::ControlTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(create_user(context, admin, input("ann@example.test"), {}));
    ASSERT_TRUE(delete_user(context, admin, "ann@example.test", {}));
  }
  // The job that the deletion left. The agent has applied everything.
  Status run() {
    context.hub.settle(kMail, context.hub.newest({ServiceName::mail}));
    auto done = test::run_waiting_jobs(context, kWaitingMailJob);
    EXPECT_EQ(done.size(), 1U);
    return done.empty() ? Status{} : done.front();
  }
};

TEST_F(WaitingMailTest, ItIsTriedAtOnce) {
  FakeAgent agent(context, kMail, {yes(kOneWaits), yes(kDone), yes(kNothing)});
  const Status done = run();
  ASSERT_TRUE(done) << describe(done.error());
  ASSERT_EQ(agent.taken.size(), 3U);
  EXPECT_EQ(agent.taken[1].verb, "queue_act");
  const json asked = json::parse(agent.taken[1].arguments);
  EXPECT_EQ(asked["action"], "retry");
  EXPECT_EQ(asked["filter"]["recipient"], "ann@example.test");
}

TEST_F(WaitingMailTest, WhatStillWaitsIsTriedAgain) {
  FakeAgent agent(context, kMail, {yes(kOneWaits), yes(kDone), yes(kOneWaits)});
  EXPECT_EQ(code(run()), "mail_waits");
}

TEST_F(WaitingMailTest, AQueueWithoutSuchMailIsOnlyRead) {
  FakeAgent agent(context, kMail, {yes(kNothing)});
  EXPECT_TRUE(run());
  EXPECT_EQ(agent.taken.size(), 1U);
}

TEST_F(WaitingMailTest, TheNextOwnersMailIsNotTouched) {
  ASSERT_TRUE(create_user(context, admin, input("ann@example.test"), {}));
  FakeAgent agent(context, kMail, {yes(kOneWaits)});
  EXPECT_TRUE(run());
  EXPECT_EQ(agent.taken.size(), 1U) << "a retry would deliver it";
}

}  // namespace
}  // namespace podplay::control
