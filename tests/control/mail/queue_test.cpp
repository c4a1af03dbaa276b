// What the mail agent is asked about the queue, for whom.
#include "control/mail/queue.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/clock.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/grants.hpp"

namespace podplay::control {
namespace {

using nlohmann::json;

class QueueTest : public test::ControlTest {
 protected:
  // Takes the next command as the mail agent would, and answers it. What was asked is in `asked_`.
  std::thread agent(const std::string& result) {
    static_cast<void>(ask_for_work(ServiceName::mail));
    return std::thread([this, result] {
      std::vector<AgentCommand> taken;
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (taken.empty() && std::chrono::steady_clock::now() < deadline) {
        taken = context.hub.take_commands({ServiceName::mail}, "test");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ASSERT_FALSE(taken.empty());
      asked_ = json::parse(taken.at(0).arguments);
      verb_ = taken.at(0).verb;
      context.hub.finish_command({ServiceName::mail},
                                 {.id = taken.at(0).id, .ok = true, .result = result});
    });
  }
  Actor boss() {
    EXPECT_TRUE(create_domain(context, admin, "one.test", true, {}));
    EXPECT_TRUE(create_user(context, admin, input("boss@one.test"), {}));
    const auto granted = add_grant(context, admin, "boss@one.test", {.domain = "one.test"}, {});
    EXPECT_TRUE(granted);
    return Actor::of(granted->object);
  }

  json asked_;
  std::string verb_;
};

constexpr const char* kNothing = R"({"messages":[],"truncated":false})";
constexpr const char* kNone = R"({"count":0,"queue_ids":[],"messages":[],"more":false})";

TEST_F(QueueTest, TheAgentGetsTheFilterAndWhoMaySee) {
  auto answering = agent(kNothing);
  const auto page = list_mail_queue(
      context, admin, {.sender = "<>", .domain = "One.Test", .older_than = 60}, "10-AAAAA", 7);
  answering.join();
  ASSERT_TRUE(page) << describe(page.error());
  EXPECT_EQ(verb_, "queue");
  EXPECT_EQ(asked_["filter"]["sender"], "<>");
  EXPECT_EQ(asked_["filter"]["domain"], "one.test");
  EXPECT_FALSE(asked_["filter"].contains("domains")) << "an administrator sees all";
  EXPECT_EQ(asked_["after"], (json{{"arrival_time", 10}, {"queue_id", "AAAAA"}}));
  EXPECT_EQ(asked_["limit"], 7);
  const auto hour_ago =
      std::chrono::floor<std::chrono::seconds>(context.clock.now()) - std::chrono::hours(1);
  EXPECT_NEAR(asked_["filter"]["arrived_before"].get<double>(),
              static_cast<double>(hour_ago.time_since_epoch().count()), 5.0);
}

TEST_F(QueueTest, ADomainAdminIsLimitedByTheAgentToo) {
  const Actor one = boss();
  auto answering = agent(kNone);
  const auto done = act_on_mail_queue(context, one, QueueAction::remove, {.all = true}, false);
  answering.join();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(verb_, "queue_act");
  EXPECT_EQ(asked_["action"], "delete");
  EXPECT_EQ(asked_["filter"]["domains"], json{"one.test"});
}

TEST_F(QueueTest, ARetryNeedsNoChoice) {
  auto answering = agent(kNone);
  const auto done = act_on_mail_queue(context, admin, QueueAction::retry, {}, false);
  answering.join();
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
