// The checks of health: when a failure counts, what is noted, and what each question finds.
#include "agent/checks/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "agent/fakes.hpp"
#include "agent/health.hpp"
#include "wire/link.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Its daemons are as the test says.
struct SetProcesses final : supervise::Processes {
  Status start(const std::string&) override { return {}; }
  Status restart(const std::string&) override { return {}; }
  void mark_ready(const std::string&, int) override {}
  std::vector<supervise::ProcessStatus> statuses() const override { return all; }
  bool stopping() const override { return false; }
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds) override {
    return seen;
  }
  std::vector<supervise::ProcessStatus> all;
};

struct MovingClock final : Clock {
  std::chrono::milliseconds moved{0};
  WallTime now() const override { return real.now() + moved; }
  SteadyTime steady() const override { return real.steady() + moved; }
  void sleep(std::chrono::milliseconds) override {}
  SystemClock real;
};

class ChecksTest : public testing::Test {
 protected:
  CheckTools tools() {
    return {.service = service_,
            .board = board_,
            .served = [] { return std::nullopt; },
            .files = files_,
            .clock = clock_,
            .state = folder_.path()};
  }
  CheckRunner runner(std::vector<CheckQuestion> questions) {
    return CheckRunner({.tools = tools(), .board = board_, .processes = processes_, .stop = stop_},
                       std::move(questions), silent_logger());
  }
  CheckResult result(const std::string& name) {
    for (const HealthCheck& check : board_.status().checks) {
      if (check.name == name) {
        return check.result;
      }
    }
    ADD_FAILURE() << "there is no check " << name;
    return CheckResult::ok;
  }

  Folder folder_;
  RealFiles files_;
  MovingClock clock_;
  StopSignal stop_;
  SetProcesses processes_;
  daemons::ServiceDescription service_{.service = ServiceName::mail, .daemons = {}};
  Board board_{ServiceName::mail, processes_, false};
};

TEST_F(ChecksTest, AFailureCountsWhenItIsSeenTwice) {
  CheckResult now = CheckResult::ok;
  int asked = 0;
  auto checks = runner({{.name = "thing", .interval = 60s, .ask = [&](const CheckTools&) {
                           ++asked;
                           return std::vector{HealthCheck{
                               .name = "thing", .result = now, .reason = "as the test says"}};
                         }}});
  board_.set_proven();
  checks.turn(false);
  EXPECT_EQ(board_.status().state, "ready");
  checks.turn(false);
  EXPECT_EQ(asked, 1) << "it has an interval";
  now = CheckResult::failed;
  clock_.moved += 61s;
  checks.turn(false);
  EXPECT_EQ(result("thing"), CheckResult::ok) << "once may be chance";
  clock_.moved += 1100ms;
  checks.turn(false);
  EXPECT_EQ(result("thing"), CheckResult::failed);
  EXPECT_EQ(board_.status().state, "degraded");
  EXPECT_EQ(board_.status().message, "thing: as the test says");
  now = CheckResult::ok;
  clock_.moved += 61s;
  checks.turn(false);
  EXPECT_EQ(board_.status().state, "ready") << "well again at once";
}

TEST_F(ChecksTest, ADaemonThatEndedIsNotedOnceWithItsCause) {
  processes_.all = {{.name = "postfix",
                     .state = "backoff",
                     .last_words = "one\nfatal: bad parameter",
                     .last_exit = "signal Killed",
                     .last_signal = 9,
                     .last_exit_at = 1000}};
  auto checks = runner({});
  const std::string before = status_digest(board_.status());
  checks.turn(false);
  checks.turn(false);
  const auto repairs = board_.status().repairs;
  ASSERT_EQ(repairs.size(), 1U);
  EXPECT_EQ(repairs[0].kind, "daemon_restarted");
  EXPECT_EQ(repairs[0].subject, "postfix");
  EXPECT_EQ(repairs[0].cause, "signal Killed: fatal: bad parameter");
  EXPECT_NE(status_digest(board_.status()), before) << "the control plane is told at once";
}

TEST_F(ChecksTest, ADefectInACheckEndsNothing) {
  auto checks = runner(
      {{.name = "bad", .interval = 60s, .ask = [](const CheckTools&) -> std::vector<HealthCheck> {
          throw std::runtime_error("x");
        }}});
  checks.turn(false);
  EXPECT_TRUE(board_.status().checks.empty());
}

TEST_F(ChecksTest, AStoppedProcessIsFound) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) {
      ::pause();
    }
  }
  processes_.all = {{.name = "named", .state = "ready", .pid = child}};
  const auto question = ask_daemons();
  const auto find = [&] {
    for (const HealthCheck& check : question.ask(tools())) {
      if (check.name == "processes") {
        return check;
      }
    }
    return HealthCheck{};
  };
  EXPECT_EQ(find().result, CheckResult::ok);
  ::kill(child, SIGSTOP);
  HealthCheck found;
  for (int i = 0; i < 100 && found.result != CheckResult::failed; ++i) {
    found = find();
    ::usleep(10000);
  }
  EXPECT_EQ(found.result, CheckResult::failed);
  EXPECT_THAT(found.reason, HasSubstr("was stopped by a signal"));
  EXPECT_THAT(found.reason, HasSubstr("of named"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(ChecksTest, ADaemonThatIsStartedAgainFailsWithItsExit) {
  processes_.all = {{.name = "postfix", .state = "backoff", .last_exit = "exit code 1"},
                    {.name = "dovecot", .state = "starting"}};
  const auto checks = ask_daemons().ask(tools());
  EXPECT_EQ(checks.at(0).result, CheckResult::failed);
  EXPECT_EQ(checks.at(0).reason, "postfix ended: exit code 1; it is started again");
  EXPECT_EQ(checks.at(1).result, CheckResult::warning) << "a start is no failure";
}

TEST_F(ChecksTest, TheQueueIsCountedByItsFiles) {
  const auto put = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      std::ofstream(folder_ / ("deferred/" + std::to_string(i))) << "x";
    }
  };
  ASSERT_TRUE(files_.make_dirs(folder_ / "deferred", 0755));
  const auto question = ask_queue(folder_.path(), {.many = 5, .most = 8});
  put(0, 3);
  auto checks = question.ask(tools());
  EXPECT_EQ(checks.at(0).name, "queue-size");
  EXPECT_EQ(checks.at(0).result, CheckResult::ok);
  EXPECT_EQ(checks.at(0).facts.at(0).value, 3);
  put(3, 8);
  EXPECT_EQ(question.ask(tools()).at(0).result, CheckResult::warning);
  put(8, 9);
  checks = question.ask(tools());
  EXPECT_EQ(checks.at(0).result, CheckResult::failed);
  EXPECT_EQ(checks.at(0).facts.at(0).limit, 8);
}

TEST_F(ChecksTest, TheReleaseIsAWarningUntilItIsProven) {
  const auto question = ask_release();
  EXPECT_EQ(question.ask(tools()).at(0).result, CheckResult::warning);
  board_.set_revision(7);
  board_.set_proven();
  EXPECT_EQ(question.ask(tools()).at(0).reason, "revision 7 is applied and proven");
}

TEST_F(ChecksTest, NothingIsAskedOfPortsBeforeTheFirstRelease) {
  EXPECT_TRUE(ask_ports(ServiceName::mail).ask(tools()).empty());
  EXPECT_TRUE(ask_certificate().ask(tools()).empty());
  EXPECT_TRUE(ask_zones().ask(tools()).empty());
}

TEST_F(ChecksTest, EveryServiceHasItsQuestions) {
  for (const ServiceName service : kServices) {
    EXPECT_GE(questions_of(service).size(), 6U);
  }
}

TEST_F(ChecksTest, ProbesSayWhatIsWrong) {
  const auto alive = [] { return true; };
  const auto ask = [&](const std::string& path, std::map<std::string, std::string> query = {}) {
    net::HttpRequest request{.method = "GET", .path = path};
    request.query = std::move(query);
    return answer_health(request, board_, alive);
  };
  EXPECT_EQ(ask("/startupz").status, 503);
  EXPECT_EQ(ask("/livez").status, 200) << "it lives while it starts";
  board_.set_proven();
  board_.set_checks({{.name = "port-imap", .result = CheckResult::failed, .reason = "no answer"},
                     {.name = "disk-logs", .reason = "there is room"}});
  EXPECT_EQ(ask("/startupz").status, 200) << "a start does not begin again";
  const auto verbose = ask("/readyz", {{"verbose", ""}});
  EXPECT_EQ(verbose.status, 503);
  EXPECT_THAT(verbose.body, HasSubstr("[-]port-imap failed: no answer\n"));
  EXPECT_THAT(verbose.body, HasSubstr("[+]disk-logs ok: there is room\n"));
  EXPECT_THAT(verbose.body, HasSubstr("mail degraded: port-imap: no answer\n"));
  EXPECT_EQ(ask("/livez").status, 200) << "readiness is not liveness";
}

TEST_F(ChecksTest, TravelWithTheStatusAndMayBeMissing) {
  board_.set_checks({{.name = "queue-size",
                      .result = CheckResult::warning,
                      .reason = "many",
                      .facts = {{"messages", 1200, 5000}},
                      .at = 5,
                      .interval = 60}});
  board_.note_repair({.at = 9, .kind = "rolled_back", .subject = "release 3", .cause = "why"});
  wire::Json value = wire::to_json(board_.status());
  const auto read = wire::status_from_json(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->checks, board_.status().checks);
  EXPECT_EQ(read->repairs, board_.status().repairs);
  EXPECT_GT(read->sent, 0);
  for (const char* member : {"checks", "repairs", "sent", "health", "reasons"}) {
    value.erase(member);
  }
  ASSERT_TRUE(wire::status_from_json(value)) << "an older agent says nothing of them";
}

}  // namespace
}  // namespace podplay::agent
