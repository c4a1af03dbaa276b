// Events of agents are heard once, and told to the others.
#include "control/limits/exchange.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/limits/locks.hpp"

namespace podplay::control {
namespace {

class LoginExchangeTest : public test::ControlTest {
 protected:
  static constexpr const char* kAccount = "admin@example.test";

  void guess(int tries) {
    for (int i = 0; i < tries; ++i) {
      const guard::LoginTry one{kAccount, "192.0.2.1", "imap", std::to_string(next_++)};
      if (!agents.begin(one)) {
        agents.failed(one);
      }
    }
  }
  wire::LoginNews news(const LoginPosition& after) {
    return {.after = after, .page = agents.tell(after, "")};
  }

  // The limiter of an agent.
  guard::LoginLimiter agents{plane.clock};
  const AgentName mail{ServiceName::mail, "main"};
  int next_ = 0;
};

TEST_F(LoginExchangeTest, EachEventIsHeardOnce) {
  guess(5);
  const wire::LoginNews first = news({});
  const LoginPosition heard = context.login_exchange.take(mail, first);
  EXPECT_EQ(heard.seq, first.page.position.seq);
  EXPECT_EQ(context.logins.look(kAccount).tries, 5);
  // The answer was lost, and the agent tells it again.
  EXPECT_EQ(context.login_exchange.take(mail, first).seq, heard.seq);
  EXPECT_EQ(context.logins.look(kAccount).tries, 5);
  guess(2);
  context.login_exchange.take(mail, news(heard));
  EXPECT_EQ(context.logins.look(kAccount).tries, 7);
}

TEST_F(LoginExchangeTest, ANewControlPlaneAsksForEverything) {
  guess(5);
  const LoginPosition old = news({}).page.position;
  EXPECT_EQ(context.login_exchange.take(mail, news(old)).epoch, "");
  EXPECT_EQ(context.logins.look(kAccount).tries, 0);
  context.login_exchange.take(mail, news({}));
  EXPECT_EQ(context.logins.look(kAccount).tries, 5);
}

TEST_F(LoginExchangeTest, AnAgentIsToldWhatHappenedElsewhereWithTheRules) {
  guess(3);
  context.login_exchange.take(mail, news({}));
  context.logins.failed({kAccount, "192.0.2.9", "http", "x"});
  const auto own = give_logins(context, mail, {.seen = {}, .wait = 0});
  ASSERT_EQ(own.page.events.size(), 1U) << "not its own events";
  EXPECT_EQ(own.page.events[0].door, "http");
  EXPECT_EQ(own.rules.account_tries, 10);
  EXPECT_EQ(give_logins(context, {ServiceName::mail, "second"}, {.seen = {}, .wait = 0})
                .page.events.size(),
            4U);
  EXPECT_TRUE(
      give_logins(context, mail, {.seen = own.page.position, .wait = 0}).page.events.empty());
}

TEST_F(LoginExchangeTest, AnUnlockedUserIsUnlockedAtTheAgentToo) {
  guess(12);
  context.login_exchange.take(mail, news({}));
  EXPECT_TRUE(why_locked(context, admin, kAccount)->state.locked);
  EXPECT_EQ(code(unlock_user(context, admin, kAccount)), "fine");
  EXPECT_FALSE(why_locked(context, admin, kAccount)->state.locked);
  agents.hear(give_logins(context, mail, {.seen = {}, .wait = 0}).page.events, "");
  EXPECT_FALSE(agents.look(kAccount).locked);
  EXPECT_EQ(code(unlock_user(context, admin, "nobody@example.test")), "user_unknown");
}

}  // namespace
}  // namespace podplay::control
