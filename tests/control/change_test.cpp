// The promises of every write: a dry run changes nothing, and a change that was answered stays.
#include "control/change.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

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

class RehearsalTest : public test::ControlTest {
 protected:
  // The verdict of the mail agent's checkers on a change of its files.
  Verdict rehearse() {
    const auto dry =
        write_change(context, Actor::system(), {.dry_run = true}, [](Change& change) -> Status {
          change.concern_files(ServiceName::mail);
          change.finish("SETTINGS_CHANGED", "settings", "x");
          return {};
        });
    EXPECT_TRUE(dry) << describe(dry.error());
    for (const Verdict& verdict : dry->rehearsal->services) {
      if (verdict.service == ServiceName::mail) {
        return verdict;
      }
    }
    ADD_FAILURE() << "mail was not asked";
    return {};
  }
  // Waits for the mail agent's next command.
  std::string take_command() {
    std::vector<AgentCommand> taken;
    while (taken.empty()) {
      taken = give_commands(context, {ServiceName::mail}, {.instance = "one", .wait = 1});
    }
    EXPECT_EQ(taken.at(0).verb, "dry_run");
    return taken.at(0).id;
  }
};

TEST_F(RehearsalTest, ACheckerThatGivesNoAnswerHasNotAgreed) {
  context.hub.seen({.agent = {ServiceName::mail}});
  std::thread agent([&] {
    take_command();
    // Ends the wait before its deadline.
    context.hub.close();
  });
  const Verdict verdict = rehearse();
  agent.join();
  EXPECT_TRUE(verdict.asked);
  EXPECT_FALSE(verdict.ok);
  EXPECT_NE(verdict.words.find("gave no result"), std::string::npos) << verdict.words;
}

TEST_F(RehearsalTest, ACheckerThatCouldNotRunHasNotAgreed) {
  context.hub.seen({.agent = {ServiceName::mail}});
  std::thread agent([&] {
    context.hub.finish_command(
        {ServiceName::mail},
        {.id = take_command(), .ok = false, .result = R"({"code":"agent_busy","message":"busy"})"});
  });
  const Verdict verdict = rehearse();
  agent.join();
  EXPECT_TRUE(verdict.asked);
  EXPECT_FALSE(verdict.ok);
  EXPECT_EQ(verdict.words, "busy");
}

TEST_F(RehearsalTest, AnAgentThatIsAwayIsNotAsked) {
  const Verdict verdict = rehearse();
  EXPECT_FALSE(verdict.asked);
  EXPECT_FALSE(verdict.ok) << "what was not checked is not called fine";
}

// A change that was answered survives a kill -9 at any moment.
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
