// What an agent tells a diagnosis: of a service that is well, and of one whose daemon died.
#include "agent/evidence/sections.hpp"

#include <gmock/gmock.h>

#include <csignal>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using testing::HasSubstr;
using wire::Json;

class EvidenceTest : public AgentTest {
 protected:
  Json ask(const std::string& arguments = "{}") {
    const std::string id = std::to_string(++asked_);
    control_.add_command({.id = id, .verb = "evidence", .arguments = arguments, .request_id = "r"});
    CommandResult result;
    control_.wait(
        [&] {
          const CommandResult* found = control_.result_of(id);
          if (found != nullptr) {
            result = *found;
          }
          return found != nullptr;
        },
        std::chrono::seconds{5});
    EXPECT_TRUE(result.ok) << result.result;
    const Json answer = Json::parse(result.result, nullptr, false);
    return answer.is_object() ? answer.value("sections", Json::object()) : Json::object();
  }

  int asked_ = 0;
};

TEST_F(EvidenceTest, OfAServiceThatIsWell) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const Json sections = ask();
  EXPECT_EQ(sections["about"]["version"], PODPLAY_VERSION);
  EXPECT_EQ(sections["exits"][0]["daemon"], "postfix");
  EXPECT_EQ(sections["exits"][0]["state"], "ready");
  EXPECT_EQ(sections["exits"][0]["how"], "");
  EXPECT_FALSE(sections.contains("checks")) << "checkers do not run while all is well";
  EXPECT_EQ(postfix_->checks, 1) << "that of the release";
  const Json& processes = sections["processes"]["list"];
  ASSERT_FALSE(processes.empty());
  const int pid = control_.status.daemons.at(0).pid;
  EXPECT_TRUE(std::ranges::any_of(processes, [&](const Json& process) {
    return process["pid"] == pid && process["daemon"] == "postfix" && process["state"] != "T";
  })) << processes.dump();
  EXPECT_TRUE(sections["link"]["linked"].get<bool>());
  EXPECT_EQ(sections["sockets"]["needed"].size(), 8U);

  // Only some, and the checkers on demand.
  const Json some = ask(R"({"sections":["checks","about"],"checks":true})");
  EXPECT_EQ(some.size(), 2U);
  EXPECT_TRUE(some["checks"]["ok"].get<bool>());
}

TEST_F(EvidenceTest, OfWhatProbesFindNow) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  EXPECT_TRUE(ask()["probes"][0]["ok"].get<bool>());
  postfix_->greets_wrongly = true;
  const Json probe = ask()["probes"][0];
  EXPECT_EQ(probe["name"], "postfix-greeting");
  EXPECT_FALSE(probe["ok"].get<bool>());
  EXPECT_EQ(probe["message"], "421 wrong name in the greeting");
}

TEST_F(EvidenceTest, OfAStoppedDaemon) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const int pid = control_.status.daemons.at(0).pid;
  ::kill(pid, SIGSTOP);
  const Json sections = ask();
  ::kill(pid, SIGCONT);
  EXPECT_TRUE(std::ranges::any_of(sections["processes"]["list"], [&](const Json& process) {
    return process["pid"] == pid && process["state"] == "T";
  })) << sections["processes"].dump();
}

TEST_F(EvidenceTest, OfADaemonThatDied) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  postfix_->check_says = "main.cf: line 3: bad";
  const int pid = control_.status.daemons.at(0).pid;
  ::kill(pid, SIGKILL);
  Json exit;
  ASSERT_TRUE(eventually([&] {
    exit = ask()["exits"][0];
    return exit.value("signal", 0) == SIGKILL;
  }));
  EXPECT_THAT(exit["how"].get<std::string>(), HasSubstr("Killed"));
  EXPECT_GE(exit["lived_ms"].get<int>(), 0);
  const Json checked = ask(R"({"checks":true,"sections":["checks"]})");
  EXPECT_FALSE(checked["checks"]["ok"].get<bool>());
  EXPECT_EQ(checked["checks"]["words"], "main.cf: line 3: bad");
  EXPECT_EQ(checked["checks"]["daemon"], "postfix");
}

TEST_F(EvidenceTest, BadArgumentsAreNone) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  EXPECT_GT(ask("not json").size(), 5U);
  EXPECT_EQ(ask(R"({"sections":["nothing"]})").size(), 0U);
}

}  // namespace
}  // namespace podplay::agent
