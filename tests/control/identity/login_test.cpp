// Logins and logouts, and the limits on guessing.
#include "control/identity/login.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/log_in.hpp"
#include "control/identity/tokens.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

class LoginsTest : public test::ControlTest {};

TEST_F(LoginsTest, LoginsAreTokensThatEnd) {
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("wrong password"), stranger)),
            "login_failed");
  EXPECT_EQ(code(test::log_in(context, "nobody@example.test", Secret("wrong password"), stranger)),
            "login_failed");
  const auto first = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  ASSERT_TRUE(first);
  EXPECT_EQ(test::actor_of(context, *first)->email(), "admin@example.test");
  EXPECT_EQ(code(authenticate(context, "nonsense", test::kHome)), "token_invalid");
  ASSERT_TRUE(logout(context, test::actor_of(context, *first).value()));
  EXPECT_EQ(code(test::actor_of(context, *first)), "token_invalid");
  const auto second = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  UserInput password;
  password.password = Secret("a new password");
  password.current_password = Secret("password123");
  ASSERT_TRUE(update_user(context, admin, "admin@example.test", password, {}));
  EXPECT_EQ(code(test::actor_of(context, *second)), "token_invalid")
      << "a new password ends the old logins";
}

TEST_F(LoginsTest, ADisabledDomainEndsAllButItsAdministrators) {
  UserInput input;
  input.email = "u@example.test";
  input.password = Secret("correct horse 1");
  ASSERT_TRUE(create_user(context, admin, input, {}));
  const auto user = test::log_in(context, "u@example.test", Secret("correct horse 1"), stranger);
  const auto own = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  ASSERT_TRUE(user && own);
  EXPECT_EQ(code(test::actor_of(context, *user)), "fine") << "and it is in the cache now";
  ASSERT_TRUE(update_domain(context, admin, "example.test", false, {}));
  EXPECT_EQ(code(test::actor_of(context, *user)), "token_invalid");
  EXPECT_EQ(code(test::log_in(context, "u@example.test", Secret("correct horse 1"), stranger)),
            "login_failed");
  EXPECT_EQ(code(test::actor_of(context, *own)), "fine") << "somebody must enable it again";
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), stranger)),
            "fine");
  ASSERT_TRUE(update_domain(context, admin, "example.test", true, {}));
  EXPECT_EQ(code(test::actor_of(context, *user)), "token_invalid") << "it had ended";
  EXPECT_EQ(code(test::log_in(context, "u@example.test", Secret("correct horse 1"), stranger)),
            "fine");
}

TEST_F(LoginsTest, FailedLoginsAreLimited) {
  const Actor home = Actor::anonymous("", "192.0.2.7");
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), home)), "fine");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("wrong password"), stranger)),
              "login_failed");
  }
  const auto refused = test::log_in(context, "admin@example.test", Secret("password123"), stranger);
  EXPECT_EQ(code(refused), "too_many_logins");
  EXPECT_EQ(refused.error().retry_after, std::chrono::minutes(5));
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), home)), "fine")
      << "the owner, where he got in before";
  plane.clock.moved = std::chrono::minutes(6);
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), stranger)),
            "fine");
}

TEST_F(LoginsTest, OneAddressMayNotTryEveryAccount) {
  const Actor guesser = Actor::anonymous("", "192.0.2.7");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(code(test::log_in(context, "guess" + std::to_string(i) + "@example.test",
                                Secret("wrong password"), guesser)),
              "login_failed");
  }
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), guesser)),
            "too_many_logins");
  EXPECT_EQ(code(test::log_in(context, "admin@example.test", Secret("password123"), stranger)),
            "fine");
}

TEST_F(LoginsTest, TriesAtTheSameTimeAreCountedAtOnce) {
  std::atomic<int> tried = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    threads.emplace_back([&] {
      if (test::log_in(context, "admin@example.test", Secret("wrong password"), stranger)
              .error()
              .code == "login_failed") {
        ++tried;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(tried, 10);
}

}  // namespace
}  // namespace podplay::control
