// Alerts and figures over HTTP: GET /api/system/alerts, POST and DELETE
// /api/system/alerts/{id}/silence, POST /api/system/alerts/test, GET /api/system/metrics.
#include "api/alerts.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "api/metrics.hpp"
#include "control/watch/alerts/weigh.hpp"

namespace podplay::api {
namespace {

class AlertsApiTest : public test::ApiTest {
 protected:
  // Opens an alert and gives its number.
  std::string open_alert() {
    control::AlertView view;
    view.problems = {{.key = "daemon:mail@main:postfix",
                      .severity = AlertSeverity::error,
                      .service = "mail",
                      .source = "mail@main",
                      .text = {.cause = "postfix does not run"}}};
    view.seen = {"mail@main"};
    EXPECT_TRUE(control::weigh_alerts(plane_.context(), view));
    plane_.clock.moved += std::chrono::minutes(3);
    EXPECT_TRUE(control::weigh_alerts(plane_.context(), view));
    return json(ask("GET", "/api/system/alerts"))["items"][0]["id"].dump();
  }
};

TEST_F(AlertsApiTest, AreListedSilencedAndToldAgain) {
  log_in();
  const std::string id = open_alert();
  EXPECT_EQ(json(ask("GET", "/api/system/alerts?state=open"))["items"].size(), 1U);
  EXPECT_EQ(json(ask("GET", "/api/system/alerts?state=recovered"))["items"].size(), 0U);
  EXPECT_EQ(ask("GET", "/api/system/alerts?state=bad").status, 400);
  const auto silenced =
      ask("POST", "/api/system/alerts/" + id + "/silence", R"({"reason":"known"})");
  EXPECT_EQ(silenced.status, 200) << silenced.body;
  EXPECT_EQ(json(silenced)["silence"]["author"], "admin@example.test");
  EXPECT_EQ(ask("POST", "/api/system/alerts/" + id + "/silence", R"({"until":"x"})").status, 400);
  const auto told = ask("DELETE", "/api/system/alerts/" + id + "/silence");
  EXPECT_EQ(told.status, 200) << told.body;
  EXPECT_TRUE(json(told)["silence"].is_null());
  EXPECT_EQ(json(ask("DELETE", "/api/system/alerts/" + id + "/silence"))["code"],
            "silence_unknown");
  EXPECT_EQ(json(ask("POST", "/api/system/alerts/999/silence", "{}"))["code"], "alert_unknown");
}

TEST_F(AlertsApiTest, ATestNeedsAReceiverAndTheTruthIsTold) {
  log_in();
  EXPECT_EQ(json(ask("POST", "/api/system/alerts/test"))["code"], "no_receiver");
  plane_.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                        {"PODPLAY_ALERT_MAIL", "ops@example.test"}})
                        .value();
  const auto tested = ask("POST", "/api/system/alerts/test");
  EXPECT_EQ(tested.status, 503) << "there is no agent";
  EXPECT_EQ(json(tested)["tries"][0]["ok"], false);
}

TEST_F(AlertsApiTest, FiguresAreADocumentForWhoMayReadTheSystem) {
  EXPECT_EQ(ask("GET", "/api/system/metrics").status, 401);
  log_in();
  ask("GET", "/livez");
  const auto figures = ask("GET", "/api/system/metrics");
  EXPECT_EQ(figures.status, 200);
  EXPECT_EQ(figures.header("Content-Type"), kMetricsType);
  EXPECT_NE(figures.body.find("podplay_api_requests_total{service=\"api\",route=\"/livez\","
                              "method=\"GET\",status=\"2xx\"} 1\n"),
            std::string::npos)
      << figures.body;
  const net::HttpRequest inside{.method = "GET", .path = "/metrics"};
  EXPECT_EQ(answer_metrics(plane_.context(), inside).status, 200);
}

}  // namespace
}  // namespace podplay::api
