// Signs become problems, causes take their place, and what was not seen says nothing.
#include "control/watch/alerts/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/watch/alerts/watch.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

ServiceStatus mail(const std::string& state) {
  ServiceStatus status;
  status.agent = {ServiceName::mail, "main"};
  status.state = state;
  status.seen = 1;
  status.daemons = {{.name = "postfix", .state = "ready"}};
  return status;
}

std::vector<std::string> keys(const AlertView& view) {
  std::vector<std::string> result;
  for (const AlertInput& input : view.problems) {
    result.push_back(input.key);
  }
  return result;
}

using Keys = std::vector<std::string>;

AlertView view_of(const ServiceStatus& status, const std::string& metrics = "podplay_x 1\n") {
  return find_symptoms({.services = {status}, .metrics = {{"mail@main", metrics}}}, {});
}

TEST(AlertRules, AWellServiceHasNoProblemAndIsSeen) {
  const AlertView view = view_of(mail("ready"));
  EXPECT_TRUE(view.problems.empty());
  EXPECT_TRUE(view.sees("daemon:mail@main:postfix", "mail@main"));
  EXPECT_TRUE(view.sees("queue-age:mail@main", "mail@main"));
  EXPECT_FALSE(view.sees("cause:x", "mail@main")) << "the diagnosis was not asked";
}

TEST(AlertRules, AnAgentThatIsAwayIsAProblemOfItsOwnAndSeesNothing) {
  const AlertView view = view_of(mail("away"));
  EXPECT_EQ(keys(view), Keys{"away:mail@main"});
  EXPECT_FALSE(view.sees("daemon:mail@main:postfix", "mail@main"));
  EXPECT_TRUE(view.sees("away:mail@main", "control"));
}

TEST(AlertRules, AnAgentThatHasNotReportedYetSaysNothing) {
  ServiceStatus status = mail("starting");
  status.seen = 0;
  const AlertView view = view_of(status);
  EXPECT_TRUE(view.problems.empty());
  EXPECT_FALSE(view.sees("daemon:mail@main:postfix", "mail@main"));
}

TEST(AlertRules, AnAgentThatDoesNotAnswerSeesNothingAlthoughItsLastWordsAreKnown) {
  ServiceStatus status = mail("degraded");
  status.daemons.front().state = "backoff";
  const AlertView view = find_symptoms({.services = {status}, .silent = {"mail@main"}}, {});
  EXPECT_EQ(keys(view), Keys{"daemon:mail@main:postfix"});
  EXPECT_FALSE(view.sees("cause:daemon-stopped:mail@main:postfix", "mail@main"));
  EXPECT_FALSE(view.sees("probes:mail@main", "mail@main"));
}

TEST(AlertRules, AStoppedDaemonIsToldWithItsWordsAndWithoutTheProbesThatFollow) {
  ServiceStatus status = mail("degraded");
  status.daemons.front().state = "backoff";
  status.daemons.front().last_words = "fatal: bad parameter";
  status.probes = {{.name = "smtp", .ok = false, .message = "refused"}};
  const AlertView view = view_of(status);
  ASSERT_EQ(keys(view), Keys{"daemon:mail@main:postfix"});
  EXPECT_NE(view.problems.front().text.evidence.find("fatal: bad parameter"), std::string::npos);
  status.daemons.front().state = "ready";
  EXPECT_EQ(keys(view_of(status)), Keys{"probes:mail@main"});
}

TEST(AlertRules, ChecksThatFailAreToldWithTheProbesAndWarningsApart) {
  ServiceStatus status = mail("degraded");
  status.checks = {{.name = "port-25", .result = CheckResult::failed, .reason = "refused"},
                   {.name = "clock", .result = CheckResult::warning, .reason = "2 s behind"},
                   {.name = "disk-logs", .result = CheckResult::warning, .reason = "91 %"}};
  const AlertView view = view_of(status);
  ASSERT_EQ(keys(view), (Keys{"probes:mail@main", "warnings:mail@main"}));
  EXPECT_EQ(view.problems[0].text.evidence, "port-25: refused");
  EXPECT_EQ(view.problems[1].text.evidence, "clock: 2 s behind");
}

TEST(AlertRules, ThresholdsAreReadFromTheMetrics) {
  const std::string metrics =
      "podplay_volume_used_ratio{service=\"mail\",volume=\"state\"} 0.5\n"
      "podplay_volume_used_ratio{service=\"mail\",volume=\"user-data\"} 0.98\n"
      "podplay_postfix_queue_messages{service=\"mail\",queue=\"deferred\"} 400\n"
      "podplay_postfix_queue_messages{service=\"mail\",queue=\"active\"} 100\n"
      "podplay_postfix_queue_oldest_seconds{service=\"mail\"} 20000\n";
  const AlertView view = view_of(mail("ready"), metrics);
  EXPECT_EQ(keys(view), (Keys{"volume:mail@main:user-data:space", "queue-length:mail@main",
                              "queue-age:mail@main"}));
  EXPECT_EQ(view.problems.front().severity, AlertSeverity::error);
}

TEST(AlertRules, WithoutMetricsNothingIsKnownOfWhatTheySay) {
  const AlertView view = find_symptoms({.services = {mail("ready")}}, {});
  EXPECT_TRUE(view.sees("daemon:mail@main:postfix", "mail@main"));
  EXPECT_FALSE(view.sees("queue-age:mail@main", "mail@main"));
  EXPECT_FALSE(view.sees("volume:mail@main:logs:space", "mail@main"));
}

TEST(AlertRules, ACauseTakesThePlaceOfTheSignsOfItsService) {
  ServiceStatus status = mail("degraded");
  status.daemons.front().state = "backoff";
  AlertView view = view_of(status);
  const FoundCause cause{.cause = "daemon-configuration-refused",
                         .service = "mail",
                         .host = "main",
                         .subject = "postfix",
                         .title = "postfix does not take its configuration",
                         .shown = {"fatal: x"},
                         .follows = {"no mail is taken"},
                         .remedy = "undo it",
                         .runbook = "docs/runbooks/daemons.md"};
  AlertView told = view;
  add_causes(view, {cause}, {});
  ASSERT_EQ(keys(view), Keys{"cause:daemon-configuration-refused:mail@main:postfix"});
  EXPECT_EQ(view.problems.front().source, "mail@main");
  EXPECT_EQ(view.problems.front().text.evidence, "fatal: x\nit follows: no mail is taken");
  add_causes(told, {cause}, {"daemon:mail@main:postfix"});
  EXPECT_EQ(told.problems.size(), 2U) << "somebody waits for the end of what was told";
  AlertView other = view_of(status);
  add_causes(other, {{.cause = "zone-refused", .service = "bind", .host = "main"}}, {});
  EXPECT_EQ(other.problems.size(), 2U);
}

TEST(RestartCounter, CountsWithinAnHourAndNotWhatWasBefore) {
  RestartCounter counter;
  ServiceStatus status = mail("ready");
  status.daemons.front().restarts = 7;
  const SteadyTime start{hours{10}};
  const std::string name = "mail@main:postfix";
  EXPECT_EQ(counter.take({status}, start)[name], 0);
  status.daemons.front().restarts = 9;
  EXPECT_EQ(counter.take({status}, start + minutes{1})[name], 2);
  status.daemons.front().restarts = 0;
  EXPECT_EQ(counter.take({status}, start + minutes{2})[name], 2) << "a new agent";
  status.daemons.front().restarts = 1;
  EXPECT_EQ(counter.take({status}, start + minutes{3})[name], 3);
  EXPECT_EQ(counter.take({status}, start + minutes{62})[name], 1);
}

}  // namespace
}  // namespace podplay::control
