// What the mail agent is asked about the queue, for whom.
#include "control/mail/queue.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/fake_agent.hpp"
#include "control/identity/grants.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;
using test::FakeAgent;
using test::yes;

class QueueTest : public test::ControlTest {
 protected:
  Actor boss() {
    EXPECT_TRUE(create_domain(context, admin, "one.test", true, {}));
    EXPECT_TRUE(create_user(context, admin, input("boss@one.test"), {}));
    const auto granted = add_grant(context, admin, "boss@one.test", {.domain = "one.test"}, {});
    EXPECT_TRUE(granted);
    return Actor::of(granted->object);
  }
};

const AgentName kMail{.service = ServiceName::mail};
const json kNothing{{"messages", json::array()}, {"truncated", false}};
const json kNone{
    {"count", 0}, {"queue_ids", json::array()}, {"messages", json::array()}, {"more", false}};

json asked_of(const FakeAgent& agent) { return json::parse(agent.taken.at(0).arguments); }

TEST_F(QueueTest, TheAgentGetsTheFilterAndWhoMaySee) {
  FakeAgent agent(context, kMail, {yes(kNothing)});
  const auto page = list_mail_queue(
      context, admin, {.sender = "<>", .domain = "One.Test", .older_than = 60}, "10-AAAAA", 7);
  ASSERT_TRUE(page) << describe(page.error());
  const json asked = asked_of(agent);
  EXPECT_EQ(agent.taken.at(0).verb, "queue");
  EXPECT_EQ(asked["filter"]["sender"], "<>");
  EXPECT_EQ(asked["filter"]["domain"], "one.test");
  EXPECT_FALSE(asked["filter"].contains("domains")) << "an administrator sees all";
  EXPECT_EQ(asked["after"], (json{{"arrival_time", 10}, {"queue_id", "AAAAA"}}));
  EXPECT_EQ(asked["limit"], 7);
  const auto hour_ago =
      std::chrono::floor<std::chrono::seconds>(context.clock.now()) - std::chrono::hours(1);
  EXPECT_NEAR(asked["filter"]["arrived_before"].get<double>(),
              static_cast<double>(hour_ago.time_since_epoch().count()), 5.0);
}

TEST_F(QueueTest, ADomainAdminIsLimitedByTheAgentToo) {
  const Actor one = boss();
  FakeAgent agent(context, kMail, {yes(kNone)});
  const auto done = act_on_mail_queue(context, one, QueueAction::remove, {.all = true}, false);
  ASSERT_TRUE(done) << describe(done.error());
  const json asked = asked_of(agent);
  EXPECT_EQ(agent.taken.at(0).verb, "queue_act");
  EXPECT_EQ(asked["action"], "delete");
  EXPECT_EQ(asked["filter"]["domains"], json{"one.test"});
}

TEST_F(QueueTest, ARetryNeedsNoChoice) {
  FakeAgent agent(context, kMail, {yes(kNone)});
  const auto done = act_on_mail_queue(context, admin, QueueAction::retry, {}, false);
  EXPECT_TRUE(done);
}

TEST_F(QueueTest, NothingIsTouchedByAccident) {
  const auto act = [&](const QueueChoice& choice) {
    return code(act_on_mail_queue(context, admin, QueueAction::remove, choice, false));
  };
  EXPECT_EQ(act({}), "missing");
  EXPECT_EQ(act({.state = "deferred", .all = true}), "contradiction");
  EXPECT_EQ(act({.queue_ids = {"ALL"}}), "bad_queue_id");
  EXPECT_EQ(act({.state = "lost"}), "bad_state");
  EXPECT_EQ(act({.reason = std::string(400, 'x')}), "too_long");
  EXPECT_EQ(code(list_mail_queue(context, admin, {}, "x", 1)), "bad_cursor");
}

}  // namespace
}  // namespace podplay::control
