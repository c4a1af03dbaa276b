// How a service is judged, and what of it is history.
#include "control/watch/health/health_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/jobs/retention.hpp"
#include "control/watch/health/history.hpp"
#include "store/alerts.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class HealthWatchTest : public test::ControlTest {
 protected:
  ServiceStatus status_of(ServiceName service, const std::string& state = "ready") {
    ServiceStatus status;
    status.agent = {service};
    status.state = state;
    status.daemons = {{.name = "daemon", .state = "ready", .pid = 7}};
    status.sent = to_millis(plane.clock.now());
    return status;
  }
  void all_ready() {
    for (const ServiceName service : kServices) {
      context.hub.seen(status_of(service));
    }
  }
  std::vector<HealthChange> history(const std::string& service = "") {
    return list_health_history(context, {.service = service}, 0, 100).value();
  }
  ServiceStatus shown(ServiceName service) {
    for (const ServiceStatus& one : get_status(context).services) {
      if (one.agent.service == service) {
        return one;
      }
    }
    return {};
  }
  // One question whose answers the test sets.
  std::vector<ServiceCheck> answers_;
  std::vector<ControlQuestion> question() {
    return {{.name = "asked", .interval = 10s, .ask = [this](Context&) { return answers_; }}};
  }
};

TEST_F(HealthWatchTest, AServiceIsStartingReadyDegradedOrDown) {
  EXPECT_EQ(shown(ServiceName::mail).health, "starting");
  all_ready();
  EXPECT_EQ(shown(ServiceName::mail).health, "ready");
  EXPECT_TRUE(get_status(context).ready);

  ServiceStatus mail = status_of(ServiceName::mail, "degraded");
  mail.checks = {{.name = "port-imap", .result = CheckResult::failed, .reason = "no answer"},
                 {.name = "disk", .result = CheckResult::warning, .reason = "little room"}};
  mail.probes = {{.name = "lmtp", .ok = false, .message = "refused"}};
  context.hub.seen(mail);
  EXPECT_EQ(shown(ServiceName::mail).health, "degraded");
  EXPECT_THAT(shown(ServiceName::mail).reasons,
              testing::ElementsAre("lmtp: refused", "port-imap: no answer"));
  mail.daemons = {{.name = "postfix", .state = "backoff"}};
  context.hub.seen(mail);
  EXPECT_EQ(shown(ServiceName::mail).health, "down") << "none of its daemons runs";
  plane.clock.moved += 41s;
  EXPECT_EQ(shown(ServiceName::mail).health, "down") << "nobody has heard of it";
}

TEST_F(HealthWatchTest, WhatTheControlPlaneFindsMakesAServiceDegraded) {
  all_ready();
  context.hub.set_checks({{.service = "bind",
                           .check = {.name = "exposure-recursion",
                                     .result = CheckResult::failed,
                                     .reason = "it looks up names for strangers"}}});
  EXPECT_EQ(shown(ServiceName::bind).state, "degraded");
  EXPECT_EQ(shown(ServiceName::bind).reasons.at(0),
            "exposure-recursion: it looks up names for strangers");
  EXPECT_THAT(shown(ServiceName::bind).message, testing::Not(HasSubstr("recursion")))
      << "strangers read it";
  EXPECT_FALSE(get_status(context).ready);
  EXPECT_EQ(shown(ServiceName::mail).health, "ready");
}

TEST_F(HealthWatchTest, ChangesAreHistoryWithTheirCauseAndNotedOnce) {
  HealthWatch watch(context, question());
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(history("mail").empty()) << "nothing is known of it";
  all_ready();
  ASSERT_TRUE(watch.look());
  ASSERT_TRUE(watch.look());
  ASSERT_EQ(history("mail").size(), 1U);
  EXPECT_EQ(history("mail")[0].after, "ready");

  ServiceStatus mail = status_of(ServiceName::mail, "degraded");
  mail.daemons = {{.name = "postfix", .state = "backoff"},
                  {.name = "dovecot", .state = "ready", .pid = 3}};
  mail.checks = {{.name = "daemon-postfix", .result = CheckResult::failed, .reason = "it ended"}};
  mail.repairs = {
      {.at = 5000, .kind = "daemon_restarted", .subject = "postfix", .cause = "signal Killed"}};
  context.hub.seen(mail);
  ASSERT_TRUE(watch.look());
  const auto rows = history("mail");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].kind, "state");
  EXPECT_EQ(rows[0].before, "ready");
  EXPECT_EQ(rows[0].after, "degraded");
  EXPECT_EQ(rows[0].cause, "daemon-postfix: it ended");
  EXPECT_EQ(rows[1].kind, "check");
  EXPECT_EQ(rows[1].subject, "daemon-postfix");
  EXPECT_EQ(rows[2].kind, "daemon_restarted");
  EXPECT_EQ(rows[2].cause, "signal Killed");

  HealthWatch next(context, question());
  ASSERT_TRUE(next.look());
  EXPECT_EQ(history("mail").size(), 4U) << "a control plane that starts again notes nothing twice";
  mail = status_of(ServiceName::mail);
  mail.checks = {{.name = "daemon-postfix", .reason = "it runs"}};
  context.hub.seen(mail);
  ASSERT_TRUE(next.look());
  EXPECT_EQ(history("mail")[0].after, "ready");
  EXPECT_EQ(history("mail")[0].cause, "every check passes");
  EXPECT_EQ(history("mail")[1].before, "failed");
}

TEST_F(HealthWatchTest, UnseenIsNotWell) {
  HealthWatch watch(context, question());
  ServiceStatus mail = status_of(ServiceName::mail, "degraded");
  mail.checks = {{.name = "port-imap", .result = CheckResult::failed, .reason = "no answer"}};
  context.hub.seen(mail);
  ASSERT_TRUE(watch.look());
  mail.checks.clear();
  plane.clock.moved += 41s;
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(history("mail")[0].after, "down");
  for (const HealthChange& row : history("mail")) {
    EXPECT_FALSE(row.kind == "check" && row.after == "ok") << row.subject;
  }
}

TEST_F(HealthWatchTest, OwnChecksFailWhenTheyFailTwice) {
  HealthWatch watch(context, question());
  answers_ = {{.service = "control", .check = {.name = "store", .reason = "fine"}}};
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(get_status(context).control.health, "ready");
  answers_[0].check.result = CheckResult::failed;
  plane.clock.moved += 11s;
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(get_status(context).control.health, "ready");
  plane.clock.moved += 1100ms;
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(get_status(context).control.health, "degraded");
  EXPECT_EQ(history("control")[0].cause, "store: fine");
}

TEST_F(HealthWatchTest, TheOwnQuestionsFindAHealthyStoreAndClock) {
  all_ready();
  for (const ControlQuestion& one : control_questions()) {
    if (one.name == "exposure" || one.name == "link") {
      continue;
    }
    for (const ServiceCheck& answer : one.ask(context)) {
      if (answer.check.name.starts_with("disk-") || answer.check.name == "memory") {
        continue;
      }
      EXPECT_EQ(answer.check.result, CheckResult::ok) << answer.check.name << answer.check.reason;
    }
  }
}

TEST_F(HealthWatchTest, AClockThatIsApartIsSeen) {
  ServiceStatus mail = status_of(ServiceName::mail);
  mail.sent -= 90'000;
  context.hub.seen(mail);
  for (const ControlQuestion& one : control_questions()) {
    if (one.name == "agents") {
      EXPECT_EQ(one.ask(context).at(0).check.result, CheckResult::failed);
      EXPECT_EQ(one.ask(context).at(0).service, "mail");
    }
  }
}

TEST_F(HealthWatchTest, AnUnknownServiceHasNoHistory) {
  EXPECT_FALSE(list_health_history(context, {.service = "kitchen"}, 0, 10));
}

TEST_F(HealthWatchTest, OldChangesAreDeleted) {
  ASSERT_TRUE(add_health_changes(
      context,
      {{.at = plane.clock.now() - std::chrono::days(91), .service = "mail", .kind = "state"},
       {.at = plane.clock.now(), .service = "mail", .kind = "state"}}));
  const auto deleted = context.store.write<std::int64_t>(
      [&](store::Transaction& transaction) -> Result<std::int64_t> {
        return store::delete_health_changes(transaction, plane.clock.now() - std::chrono::days(90),
                                            10);
      });
  EXPECT_EQ(deleted.value_or(0), 1);
  EXPECT_EQ(history().size(), 1U);
}

}  // namespace
}  // namespace podplay::control
