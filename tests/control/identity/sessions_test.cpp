// A browser's logins end when they should, and belong to one person.
#include "control/identity/sessions.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "control/control_test.hpp"
#include "control/identity/grants.hpp"
#include "control/identity/log_in.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/users.hpp"
#include "store/audit.hpp"
#include "store/sessions.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public test::ControlTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(create_user(context, admin, input("ann@example.test", "correct horse 1"), {}));
  }
  Login begin(const LoginWish& wish = test::browser()) {
    return test::log_in(context, "ann@example.test", Secret("correct horse 1"),
                        Actor::anonymous("r", test::kHome), wish)
        .value();
  }
  Actor actor(const Login& login) { return test::actor_of(context, login).value(); }
  std::string last_event() {
    return context.store
        .read<std::vector<store::AuditRow>>(
            [](store::Session& session) { return store::list_audit(session, 0, 1); })
        .value()
        .at(0)
        .event;
  }
  User ann() { return get_user(context, admin, "ann@example.test").value(); }
};

TEST_F(SessionsTest, EndAfterTheirLifetimeHoweverMuchTheyAreUsed) {
  const Login login = begin();
  for (int hour = 0; hour < 12; ++hour) {
    EXPECT_EQ(code(test::actor_of(context, login)), "fine") << hour;
    plane.clock.moved += 59min;
  }
  EXPECT_EQ(code(test::actor_of(context, login)), "fine");
  plane.clock.moved += 12min;
  EXPECT_EQ(code(test::actor_of(context, login)), "session_invalid") << "after twelve hours";
}

TEST_F(SessionsTest, EndWhenTheyAreNotUsed) {
  const Login login = begin();
  EXPECT_EQ(code(test::actor_of(context, login)), "fine");
  plane.clock.moved += 1h;
  EXPECT_EQ(code(test::actor_of(context, login)), "session_invalid");
}

TEST_F(SessionsTest, ACookieIsNoTokenAndATokenIsNoCookie) {
  const Login session = begin();
  const Login token = begin({});
  ASSERT_TRUE(test::actor_of(context, session));
  ASSERT_TRUE(test::actor_of(context, token));
  EXPECT_EQ(code(authenticate(context, session.token, test::kHome)), "token_invalid");
  EXPECT_EQ(code(authenticate_session(context, token.token, test::kHome)), "session_invalid");
  EXPECT_EQ(code(authenticate_session(context, std::string(1000, 'x'), test::kHome)),
            "session_invalid");
}

TEST_F(SessionsTest, EachLoginHasAnotherCookieAndItsOwnCsrfToken) {
  const Login one = begin();
  const Login two = begin();
  EXPECT_NE(one.token, two.token);
  EXPECT_NE(csrf_token(one.token), csrf_token(two.token));
  EXPECT_EQ(csrf_token(one.token), csrf_token(one.token));
  EXPECT_EQ(csrf_token(one.token).find(one.token), std::string::npos);
}

TEST_F(SessionsTest, TheStoreHasOnlyTheHash) {
  const Login login = begin();
  const auto row = context.store.read<std::optional<BrowserSession>>(
      [&](store::Session& session) { return store::find_session(session, login.id); });
  EXPECT_EQ((**row).hash, sha256_hex(login.token));
  EXPECT_EQ((**row).agent, "Firefox");
  EXPECT_EQ((**row).address, test::kHome);
}

TEST_F(SessionsTest, APersonSeesAndEndsOnlyTheirOwn) {
  const Login mine = begin();
  const Login other = begin();
  const Login admins =
      test::log_in(context, "admin@example.test", Secret("password123"), stranger, test::browser())
          .value();
  const auto listed = list_sessions(context, actor(mine));
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ(listed->at(0).session.id, other.id) << "newest first";
  EXPECT_FALSE(listed->at(0).current);
  EXPECT_TRUE(listed->at(1).current);
  EXPECT_EQ(code(revoke_session(context, actor(mine), admins.id)), "session_unknown");
  EXPECT_EQ(code(revoke_session(context, actor(mine), 0)), "session_unknown");
  EXPECT_EQ(code(revoke_session(context, actor(mine), other.id)), "fine");
  EXPECT_EQ(last_event(), "SESSION_REVOKED");
  EXPECT_EQ(code(test::actor_of(context, other)), "session_invalid");
  EXPECT_EQ(code(test::actor_of(context, mine)), "fine");
  EXPECT_EQ(code(test::actor_of(context, admins)), "fine");
}

TEST_F(SessionsTest, TheOthersEndTogether) {
  const Login mine = begin();
  const Login one = begin();
  const Login two = begin();
  EXPECT_EQ(revoke_other_sessions(context, actor(mine)).value(), 2);
  EXPECT_EQ(revoke_other_sessions(context, actor(mine)).value(), 0);
  EXPECT_EQ(code(test::actor_of(context, mine)), "fine");
  EXPECT_EQ(code(test::actor_of(context, one)), "session_invalid");
  EXPECT_EQ(code(test::actor_of(context, two)), "session_invalid");
}

TEST_F(SessionsTest, ALogoutEndsOne) {
  const Login mine = begin();
  const Login other = begin();
  ASSERT_TRUE(logout(context, actor(mine)));
  EXPECT_EQ(last_event(), "LOGOUT");
  EXPECT_EQ(code(test::actor_of(context, mine)), "session_invalid");
  EXPECT_EQ(code(test::actor_of(context, other)), "fine");
}

TEST_F(SessionsTest, ANewPasswordEndsTheOthers) {
  const Login mine = begin();
  const Login other = begin();
  const Login token = begin({});
  UserInput change;
  change.password = Secret("another horse 2");
  change.current_password = Secret("correct horse 1");
  ASSERT_TRUE(update_user(context, actor(mine), "ann@example.test", change, {}));
  EXPECT_EQ(code(test::actor_of(context, mine)), "fine");
  EXPECT_EQ(code(test::actor_of(context, other)), "session_invalid");
  EXPECT_EQ(code(test::actor_of(context, token)), "token_invalid");
  change.current_password = std::nullopt;
  ASSERT_TRUE(update_user(context, admin, "ann@example.test", change, {}));
  EXPECT_EQ(code(test::actor_of(context, mine)), "session_invalid") << "an administrator's: all";
}

TEST_F(SessionsTest, ANewRoleNeedsANewLoginInABrowser) {
  const Login session = begin();
  const Login token = begin({});
  ASSERT_TRUE(add_grant(context, admin, "ann@example.test", {.domain = "example.test"}, {}));
  EXPECT_EQ(code(test::actor_of(context, session)), "session_invalid");
  EXPECT_EQ(actor(token).role(), Role::domain_admin) << "a token has what its user has";
}

TEST_F(SessionsTest, AreProvenAgainWithThePasswordAndGetANewCookie) {
  const Login login = begin();
  EXPECT_TRUE(is_recent(context, actor(login)));
  EXPECT_EQ(code(require_recent(context, actor(login), ann(), std::nullopt)), "fine");
  plane.clock.moved += 11min;
  EXPECT_EQ(code(require_recent(context, actor(login), ann(), std::nullopt)), "proof_needed");
  EXPECT_EQ(code(require_recent(context, actor(login), ann(), Secret("wrong"))), "wrong_password");
  EXPECT_EQ(code(require_recent(context, actor(login), ann(), Secret("correct horse 1"))), "fine");
  EXPECT_EQ(code(prove_session(context, actor(login), {.password = Secret("wrong")})),
            "wrong_password");
  EXPECT_EQ(code(prove_session(context, actor(login), {})), "missing");
  const auto again = prove_session(context, actor(login), {.password = Secret("correct horse 1")});
  ASSERT_TRUE(again);
  EXPECT_EQ(last_event(), "SESSION_PROVEN");
  EXPECT_EQ(code(test::actor_of(context, login)), "session_invalid") << "the cookie of before";
  EXPECT_TRUE(is_recent(context, actor(*again)));
  EXPECT_EQ(again->expires, login.expires) << "it does not last longer";
}

TEST_F(SessionsTest, ATokenOfAProgramIsNeverRecent) {
  const Login login = begin({});
  EXPECT_TRUE(is_recent(context, actor(login))) << "the password was given just now";
  TokenInput input;
  input.name = "backup";
  const auto made = create_token(context, actor(login), input);
  const Actor program = authenticate(context, made->text, test::kHome).value();
  EXPECT_FALSE(is_recent(context, program));
  EXPECT_EQ(code(prove_session(context, program, {.password = Secret("correct horse 1")})),
            "no_session");
}

TEST_F(SessionsTest, TheCommandLinesLoginIsProvenWithoutANewToken) {
  const Login login = begin({});
  plane.clock.moved += 11min;
  EXPECT_FALSE(is_recent(context, actor(login)));
  const auto again = prove_session(context, actor(login), {.password = Secret("correct horse 1")});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->token, "");
  EXPECT_TRUE(is_recent(context, actor(login)));
}

TEST_F(SessionsTest, ADisabledUserHasNone) {
  const Login login = begin();
  ASSERT_TRUE(test::actor_of(context, login));
  UserInput change;
  change.enabled = false;
  ASSERT_TRUE(update_user(context, admin, "ann@example.test", change, {}));
  EXPECT_EQ(code(test::actor_of(context, login)), "session_invalid");
}

}  // namespace
}  // namespace podplay::control
