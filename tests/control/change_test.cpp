// What every write shares: dry runs, and that a change that was answered stays.
#include "control/change.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/encoding.hpp"
#include "control/control_test.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

class ChangesTest : public test::ControlTest {};

TEST_F(ChangesTest, DryRunLeavesNothing) {
  const auto dry = create_user(context, admin, input("dry@example.test"), {.dry_run = true});
  ASSERT_TRUE(dry);
  ASSERT_TRUE(dry->rehearsal);
  EXPECT_EQ(dry->rehearsal->rows.at(ServiceName::mail).at(0).key, "dry@example.test");
  EXPECT_EQ(code(get_user(context, admin, "dry@example.test")), "user_unknown");
}

// A change that was answered is there after a kill -9 at any moment.
TEST(ChangesAfterKill, WhatWasAnsweredIsThere) {
  test::Plane plane;
  const Actor admin = plane.make_admin();
  const std::string hash = hash_password(Secret("password123")).value();
  const std::string answers = plane.folder.path() + "/answered";
  plane.made.reset();
  plane.store.reset();
  for (int round = 0; round < 5; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = store::Store::open(plane.paths.state + "/podplay.db", silent_logger()).value();
      Context context = plane.context_of(*store);
      std::ofstream out(answers, std::ios::app);
      for (int i = 0;; ++i) {
        UserInput input;
        input.email = "r" + std::to_string(round) + "-" + std::to_string(i) + "@example.test";
        input.password_hash = hash;
        if (create_user(context, admin, input, {})) {
          out << input.email << std::endl;
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + 37 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  auto store = store::Store::open(plane.paths.state + "/podplay.db", silent_logger()).value();
  Context context = plane.context_of(*store);
  std::ifstream in(answers);
  int count = 0;
  for (std::string email; std::getline(in, email); ++count) {
    EXPECT_TRUE(get_user(context, admin, email)) << email;
  }
  EXPECT_GT(count, 5);
}

}  // namespace
}  // namespace podplay::control
