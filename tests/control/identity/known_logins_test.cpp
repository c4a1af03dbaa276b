// What is remembered of logins is never more than the store says, and their last use is not lost.
#include "control/identity/known_logins.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/identity/log_in.hpp"
#include "store/tokens.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<KnownLogin> known(WallTime now, std::int64_t user = 1) {
  const LoginFacts facts{
      .kind = LoginFacts::Kind::session, .id = 7, .scopes = Scopes::all(), .expires = now + 1h};
  return std::make_shared<KnownLogin>(
      User{.id = user, .email = "x@a.test", .domain = "a.test", .role = Role::admin}, facts, now);
}

const LoginKey kKey = LoginKey::of(LoginFacts::Kind::session, "cookie");

TEST(KnownLogins, DoNotKeepWhatWasForgottenMeanwhile) {
  KnownLogins logins;
  const WallTime now = SystemClock{}.now();
  // This is before the store is read.
  const std::uint64_t epoch = logins.epoch();
  // The login is ended meanwhile.
  logins.forget_user(1);
  logins.put(kKey, known(now), epoch);
  EXPECT_FALSE(logins.find(kKey, now));
  logins.put(kKey, known(now), logins.epoch());
  EXPECT_TRUE(logins.find(kKey, now));
}

TEST(KnownLogins, EndByTimeAndWhenIdle) {
  KnownLogins logins;
  const WallTime now = SystemClock{}.now();
  auto login = known(now);
  login->idle = 10min;
  logins.put(kKey, login, logins.epoch());
  EXPECT_TRUE(logins.find(kKey, now + 9min));
  EXPECT_FALSE(logins.find(kKey, now + 10min)) << "idle";
  logins.note_use(*login, now + 9min, "192.0.2.1");
  EXPECT_TRUE(logins.find(kKey, now + 18min));
  logins.note_use(*login, now + 59min, "192.0.2.1");
  EXPECT_FALSE(logins.find(kKey, now + 1h)) << "expired, although it was used";
}

TEST(KnownLogins, TheirUseIsToldOnceAndOnlyWhenItIsNews) {
  KnownLogins logins;
  const WallTime now = SystemClock{}.now();
  auto login = known(now);
  logins.put(kKey, login, logins.epoch());
  logins.note_use(*login, now + 1min, "192.0.2.1");
  EXPECT_TRUE(logins.take_uses(5min).sessions.empty()) << "the store is nearly right";
  logins.note_use(*login, now + 6min, "192.0.2.2");
  const auto uses = logins.take_uses(5min);
  ASSERT_EQ(uses.sessions.size(), 1U);
  EXPECT_EQ(uses.sessions[0].id, 7);
  EXPECT_EQ(uses.sessions[0].at, now + 6min);
  EXPECT_EQ(uses.sessions[0].address, "192.0.2.2");
  EXPECT_TRUE(logins.take_uses(0min).sessions.empty());
}

TEST(KnownLogins, AForgottenLoginsUseIsNotLost) {
  KnownLogins logins;
  const WallTime now = SystemClock{}.now();
  auto login = known(now);
  logins.put(kKey, login, logins.epoch());
  logins.note_use(*login, now + 1min, "192.0.2.1");
  logins.forget_everything();
  EXPECT_EQ(logins.size(), 0U);
  EXPECT_EQ(logins.take_uses(5min).sessions.size(), 1U);
  EXPECT_TRUE(logins.take_uses(5min).sessions.empty());
}

TEST(KnownLogins, GiveTheActorThatTheStoreGave) {
  const User user{.id = 4,
                  .email = "x@a.test",
                  .domain = "a.test",
                  .role = Role::domain_admin,
                  .domains = {"a.test", "b.test"}};
  const LoginFacts facts{.kind = LoginFacts::Kind::token, .id = 7, .scopes = Scopes::of(Area::dns)};
  const Actor known = KnownLogin(user, facts, WallTime{}).actor();
  EXPECT_TRUE(known.is(user));
  EXPECT_EQ(known.email(), user.email);
  EXPECT_EQ(known.domain(), user.domain);
  EXPECT_EQ(known.role(), user.role);
  EXPECT_EQ(known.domains(), user.domains);
  EXPECT_EQ(known.login().id, 7);
  EXPECT_EQ(known.login().scopes, facts.scopes);
}

TEST(KnownLogins, ATokenIsNotTakenForACookie) {
  KnownLogins logins;
  const WallTime now = SystemClock{}.now();
  logins.put(kKey, known(now), logins.epoch());
  EXPECT_FALSE(logins.find(LoginKey::of(LoginFacts::Kind::token, "cookie"), now));
  EXPECT_FALSE(logins.find(LoginKey::of(LoginFacts::Kind::session, "other"), now));
}

class KnownLoginsTest : public test::ControlTest {};

TEST_F(KnownLoginsTest, AnotherControlPlaneEndsALoginWithinASecond) {
  const auto login = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  ASSERT_TRUE(login);
  EXPECT_EQ(code(test::actor_of(context, *login)), "fine");
  // The other one knows nothing of this memory.
  ASSERT_TRUE(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_token(transaction, login->id);
    store::note_login_change(transaction);
    return true;
  }));
  EXPECT_EQ(code(test::actor_of(context, *login)), "fine") << "the store was looked at just now";
  plane.clock.moved += kLookAfter;
  EXPECT_EQ(code(test::actor_of(context, *login)), "token_invalid");
}

TEST_F(KnownLoginsTest, AReadWritesNothing) {
  const auto login = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  ASSERT_TRUE(login);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(test::actor_of(context, *login));
  }
  const auto row = [&] {
    return context.store
        .read<std::optional<Token>>(
            [&](store::Session& session) { return store::find_token(session, login->id); })
        .value()
        .value();
  };
  EXPECT_EQ(row().last_used, WallTime{});
  LoginUseWriter writer(context.known_logins, context.store, silent_logger());
  ASSERT_TRUE(writer.write(kUseDelay));
  EXPECT_NE(row().last_used, WallTime{});
  EXPECT_EQ(row().last_address, test::kHome);
}

}  // namespace
}  // namespace podplay::control
