// An alert opens when its problem has stood long enough, is repeated, and recovers.
#include "control/watch/alerts/weigh.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/watch/alerts/alerts.hpp"
#include "control/watch/alerts/notices.hpp"
#include "store/jobs.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

const WallTime kStart = from_millis(1'800'000'000'000);
constexpr AlertRules kRules{.after = minutes{2}, .repeat = hours{24}};

AlertInput stopped(AlertSeverity severity = AlertSeverity::error) {
  return {.key = "daemon:mail@main:postfix",
          .severity = severity,
          .service = "mail",
          .source = "mail@main",
          .text = {.cause = "postfix does not run",
                   .evidence = "fatal: bad parameter",
                   .remedy = "`podplay doctor mail` names the cause",
                   .runbook = "docs/runbooks/x.md"}};
}

Alert fresh() { return {.id = 1, .key = stopped().key, .first_seen = kStart}; }

TEST(WeighAlert, OpensOnlyWhenTheProblemHasStoodLongEnough) {
  const AlertInput input = stopped();
  auto weighed = weigh_alert(fresh(), &input, true, false, kRules, kStart);
  EXPECT_EQ(weighed.alert.state, AlertState::pending);
  EXPECT_EQ(weighed.notice, "");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + seconds{119});
  EXPECT_EQ(weighed.notice, "");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + seconds{120});
  EXPECT_EQ(weighed.alert.state, AlertState::open);
  EXPECT_EQ(weighed.notice, "opened");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + seconds{180});
  EXPECT_EQ(weighed.notice, "") << "it was told";
}

TEST(WeighAlert, ForgetsWhatIsGoneBeforeItWasTold) {
  const AlertInput input = stopped();
  const auto seen = weigh_alert(fresh(), &input, true, false, kRules, kStart);
  EXPECT_TRUE(weigh_alert(seen.alert, nullptr, true, false, kRules, kStart + seconds{60}).forget);
  EXPECT_FALSE(weigh_alert(seen.alert, nullptr, false, false, kRules, kStart + seconds{60}).forget)
      << "unseen is not well";
}

Alert open_alert() {
  const AlertInput input = stopped();
  const auto seen = weigh_alert(fresh(), &input, true, false, kRules, kStart);
  return weigh_alert(seen.alert, &input, true, false, kRules, kStart + minutes{2}).alert;
}

TEST(WeighAlert, HasRecoveredWhenItWasGoneLongEnough) {
  auto weighed = weigh_alert(open_alert(), nullptr, true, false, kRules, kStart + minutes{3});
  EXPECT_EQ(weighed.alert.state, AlertState::open);
  weighed = weigh_alert(weighed.alert, nullptr, true, false, kRules, kStart + minutes{5});
  EXPECT_EQ(weighed.alert.state, AlertState::recovered);
  EXPECT_EQ(weighed.notice, "recovered");
}

TEST(WeighAlert, StaysWhileItsSourceIsAway) {
  auto weighed = weigh_alert(open_alert(), nullptr, true, false, kRules, kStart + minutes{3});
  weighed = weigh_alert(weighed.alert, nullptr, false, false, kRules, kStart + minutes{4});
  weighed = weigh_alert(weighed.alert, nullptr, false, false, kRules, kStart + hours{4});
  EXPECT_EQ(weighed.alert.state, AlertState::open);
  weighed = weigh_alert(weighed.alert, nullptr, true, false, kRules, kStart + hours{4});
  EXPECT_EQ(weighed.alert.state, AlertState::open) << "it must be gone for two minutes now";
}

TEST(WeighAlert, IsRepeatedAndToldWhenItGetsWorse) {
  AlertInput input = stopped(AlertSeverity::warning);
  auto weighed = weigh_alert(fresh(), &input, true, false, kRules, kStart);
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + minutes{2});
  EXPECT_EQ(weighed.notice, "opened");
  input.severity = AlertSeverity::error;
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + minutes{3});
  EXPECT_EQ(weighed.notice, "worse");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + hours{23});
  EXPECT_EQ(weighed.notice, "");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + hours{25});
  EXPECT_EQ(weighed.notice, "repeated");
}

TEST(WeighAlert, IsQuietWhileItIsSilencedAndToldAfterwards) {
  const AlertInput input = stopped();
  auto weighed = weigh_alert(fresh(), &input, true, true, kRules, kStart);
  weighed = weigh_alert(weighed.alert, &input, true, true, kRules, kStart + minutes{2});
  EXPECT_EQ(weighed.alert.state, AlertState::open);
  EXPECT_EQ(weighed.notice, "");
  weighed = weigh_alert(weighed.alert, &input, true, false, kRules, kStart + minutes{3});
  EXPECT_EQ(weighed.notice, "opened");
}

TEST(WeighAlert, BelowTheLevelIsNotToldNorIsItsEnd) {
  AlertRules rules = kRules;
  rules.least = AlertSeverity::error;
  const AlertInput input = stopped(AlertSeverity::warning);
  auto weighed = weigh_alert(fresh(), &input, true, false, rules, kStart);
  weighed = weigh_alert(weighed.alert, &input, true, false, rules, kStart + minutes{2});
  EXPECT_EQ(weighed.notice, "");
  weighed = weigh_alert(weighed.alert, nullptr, true, false, rules, kStart + minutes{3});
  weighed = weigh_alert(weighed.alert, nullptr, true, false, rules, kStart + minutes{5});
  EXPECT_EQ(weighed.alert.state, AlertState::recovered);
  EXPECT_EQ(weighed.notice, "");
}

class AlertsTest : public test::ControlTest {
 protected:
  AlertsTest() {
    plane.settings =
        effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                            {"PODPLAY_ALERT_MAIL", "ops@example.test"},
                            {"PODPLAY_ALERT_WEBHOOK", "http://127.0.0.1:9/secret-path"},
                            {"PODPLAY_ALERT_WEBHOOK_SECRET", "0123456789abcdef"}})
            .value();
  }
  void look(bool stands, bool seen = true) {
    AlertView view;
    if (stands) {
      view.problems.push_back(stopped());
    }
    if (seen) {
      view.seen.insert("mail@main");
    }
    const Status done = weigh_alerts(context, view);
    ASSERT_TRUE(done) << describe(done.error());
  }
  std::vector<AlertDetails> listed() { return list_alerts(context, std::nullopt, 0, 50).value(); }
  std::size_t jobs() {
    return context.store
        .read<std::vector<Job>>([](store::Session& session) {
          return store::list_jobs(session, {.kind = std::string(kAlertNoticeJob)}, 0, 50);
        })
        ->size();
  }
};

TEST_F(AlertsTest, OnlyTheWebhookIsNotToldPeoplesAddresses) {
  const Alert alert{
      .id = 12,
      .key = "cause:login-locked:mail@main:anna@example.test",
      .source = "mail@main",
      .service = "mail",
      .text = {.cause = "the logins of anna@example.test are locked",
               .evidence = "user=anna@example.test\nberta@other.test, too, at mail@main",
               .remedy = "podplay unlock anna@example.test",
               .runbook = "docs/runbooks/logins.md"}};
  const AlertNotice notice{.id = 1, .alert = 12, .way = "webhook", .event = "opened"};
  const auto facts = [&] {
    return nlohmann::json::parse(alert_json(plane.settings, alert, notice))["alert"];
  };
  const auto hidden = facts();
  EXPECT_EQ(hidden["key"], "cause:login-locked:mail@main:[hidden]");
  EXPECT_EQ(hidden["source"], "mail@main");
  EXPECT_EQ(hidden["cause"], "the logins of [hidden] are locked");
  EXPECT_EQ(hidden["evidence"], "user=[hidden]\n[hidden], too, at mail@main");
  EXPECT_EQ(hidden["remedy"], "podplay unlock [hidden]");
  const AlertMessage mail = alert_message(plane.settings, alert, "opened");
  EXPECT_THAT(mail.subject, testing::HasSubstr("anna@example.test"));
  EXPECT_THAT(mail.text, testing::HasSubstr("berta@other.test"));
  EXPECT_THAT(mail.text, testing::Not(testing::HasSubstr("[hidden]")));

  Alert of_pod = alert;
  of_pod.key = "cause:store-down:api@:";
  of_pod.source = "control";
  EXPECT_EQ(nlohmann::json::parse(alert_json(plane.settings, of_pod, notice))["alert"]["key"],
            of_pod.key);

  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                       {"PODPLAY_ALERT_WEBHOOK_ADDRESSES", "shown"}})
                       .value();
  EXPECT_EQ(facts()["key"], alert.key);
  EXPECT_EQ(facts()["evidence"], alert.text.evidence);
}

TEST_F(AlertsTest, OneProblemIsOneAlertWithOneNoticeForEachWay) {
  look(true);
  EXPECT_TRUE(listed().empty()) << "pending";
  plane.clock.moved += minutes{2};
  look(true);
  look(true);
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed().at(0).alert.text.cause, "postfix does not run");
  ASSERT_EQ(listed().at(0).notices.size(), 2U);
  EXPECT_EQ(listed().at(0).notices.at(0).way, "mail");
  EXPECT_EQ(listed().at(0).notices.at(1).way, "webhook");
  EXPECT_EQ(jobs(), 2U);
  look(false);
  plane.clock.moved += minutes{2};
  look(false);
  EXPECT_EQ(listed().at(0).alert.state, AlertState::recovered);
  EXPECT_EQ(listed().at(0).notices.size(), 4U);
  look(true);
  plane.clock.moved += minutes{2};
  look(true);
  EXPECT_EQ(listed().size(), 2U) << "it came back: another alert";
}

TEST_F(AlertsTest, ASilenceKeepsAProblemQuietUntilItEnds) {
  look(true);
  plane.clock.moved += minutes{2};
  look(true);
  const std::string id = std::to_string(listed().at(0).alert.id);
  const auto silenced = silence_alert(context, admin, id, {.until = "", .reason = "known"});
  ASSERT_TRUE(silenced) << describe(silenced.error());
  EXPECT_EQ(silenced->silence->reason, "known");
  plane.clock.moved += minutes{50};
  look(false);
  plane.clock.moved += minutes{2};
  look(false);
  EXPECT_EQ(listed().at(0).notices.size(), 4U) << "who was told of it is told that it is over";
  look(true);
  plane.clock.moved += minutes{2};
  look(true);
  EXPECT_TRUE(listed().at(0).notices.empty()) << "the same problem is still silenced";
  plane.clock.moved += minutes{10};
  look(true);
  EXPECT_EQ(listed().at(0).notices.size(), 2U) << "the silence is over";
}

TEST_F(AlertsTest, ASilenceCanBeEndedOnceAndItsFaultsAreNamed) {
  look(true);
  plane.clock.moved += minutes{2};
  look(true);
  const std::string id = std::to_string(listed().at(0).alert.id);
  EXPECT_EQ(silence_alert(context, admin, id, {.until = "yesterday", .reason = "a\nb"})
                .error()
                .faults.size(),
            2U);
  ASSERT_TRUE(silence_alert(context, admin, id, {}));
  EXPECT_FALSE(unsilence_alert(context, admin, id)->silence);
  EXPECT_EQ(unsilence_alert(context, admin, id).error().code, "silence_unknown");
  EXPECT_EQ(silence_alert(context, admin, "99999", {}).error().code, "alert_unknown");
}

TEST_F(AlertsTest, ATestSaysWhatEachReceiverAnsweredAndNeverTheWebhooksPath) {
  const auto tries = test_alerts(context, admin);
  ASSERT_TRUE(tries) << describe(tries.error());
  ASSERT_EQ(tries->size(), 2U);
  EXPECT_FALSE(tries->at(0).ok) << "there is no agent";
  EXPECT_EQ(tries->at(1).receiver, "http://127.0.0.1:9");
  EXPECT_EQ(tries->at(1).answer.find("secret-path"), std::string::npos);
}

TEST_F(AlertsTest, TheMessageIsTheDiagnosis) {
  Alert alert = open_alert();
  const AlertMessage message = alert_message(context.settings, alert, "opened");
  EXPECT_EQ(message.subject, "[control.example.test] error: postfix does not run");
  for (const char* part : {"fatal: bad parameter", "podplay doctor mail", "docs/runbooks/x.md",
                           "podplay alerts silence 1"}) {
    EXPECT_NE(message.text.find(part), std::string::npos) << part;
  }
  alert.text.cause = "bad\r\nBcc: x@example.test" + std::string(300, 'x');
  const std::string subject = alert_message(context.settings, alert, "opened").subject;
  EXPECT_EQ(subject.find_first_of("\r\n"), std::string::npos);
  EXPECT_LT(subject.size(), 300U);
  alert.text.cause = "postfix does not run";
  alert.recovered = kStart;
  EXPECT_EQ(alert_message(context.settings, alert, "recovered").subject,
            "[control.example.test] recovered: postfix does not run");
}

TEST(SignAlert, IsAnHmacOverTimeAndBody) {
  // printf '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
  EXPECT_EQ(sign_alert(Secret("0123456789abcdef"), "1", "{}"),
            "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f");
}

}  // namespace
}  // namespace podplay::control
