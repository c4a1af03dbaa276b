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
  EXPECT_EQ(asked["filter"]["queue_ids"], json{"4gGabcdefgz1"});
  const json listed = json::parse(agent.taken[0].arguments);
  EXPECT_EQ(listed["filter"]["recipient"], "ann@example.test");
  EXPECT_EQ(listed["filter"]["with_details"], true);
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

TEST_F(WaitingMailTest, TheNextOwnerGetsOnlyWhatCameLater) {
  ASSERT_TRUE(create_user(context, admin, input("ann@example.test"), {}));
  const auto message = [](const std::string& id, std::int64_t arrived, json recipients) {
    json one = kOneWaits["messages"][0];
    one["queue_id"] = id;
    one["arrival_time"] = arrived;
    one["recipients"] = std::move(recipients);
    return one;
  };
  const auto to = [](const std::vector<std::string>& addresses) {
    json recipients = json::array();
    for (const std::string& address : addresses) {
      recipients.push_back({{"address", address}});
    }
    return recipients;
  };
  const std::string ann = "ann@example.test";
  const std::int64_t later = to_millis(context.clock.now()) / 1000 + 60;
  json queue = kNothing;
  queue["messages"] = {message("4gGabcdefgz1", 1, to({ann})),
                       message("4gGabcdefgz2", 1, to({ann, "Ann+lists@example.test"})),
                       message("4gGabcdefgz3", 1, to({ann, "bob@far.test"})),
                       message("4gGabcdefgz4", later, to({ann}))};
  FakeAgent agent(context, kMail, {yes(queue), yes(kDone), yes(kNothing)});
  EXPECT_TRUE(run());
  ASSERT_EQ(agent.taken.size(), 3U);
  const json asked = json::parse(agent.taken[1].arguments);
  EXPECT_EQ(asked["action"], "bounce") << "a retry would deliver it";
  EXPECT_EQ(asked["filter"]["queue_ids"], (json{"4gGabcdefgz1", "4gGabcdefgz2"}));
}

TEST_F(WaitingMailTest, WhatIsOnHoldStays) {
  json held = kOneWaits;
  held["messages"][0]["queue_name"] = "hold";
  FakeAgent agent(context, kMail, {yes(held)});
  EXPECT_TRUE(run());
  EXPECT_EQ(agent.taken.size(), 1U);
}

}  // namespace
}  // namespace podplay::control
