// Health over HTTP: GET /readyz?verbose, GET /startupz, GET /api/system/status, GET
// /api/system/history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"
#include "control/watch/health/history.hpp"

namespace podplay::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class HealthApiTest : public test::ApiTest {
 protected:
  void expose() {
    for (const ServiceName service : kServices) {
      ServiceStatus status;
      status.agent = {service};
      status.state = "ready";
      status.checks = {{.name = "disk-logs", .reason = "there is room"}};
      plane_.hub.seen(status);
    }
    plane_.hub.set_checks({{.service = "control",
                            .check = {.name = "exposure-default-password",
                                      .result = CheckResult::failed,
                                      .reason = "boss@example.test has a first guess"}}});
  }
};

TEST_F(HealthApiTest, StrangersAreToldThatNotWhat) {
  expose();
  EXPECT_EQ(ask("GET", "/startupz").status, 200);
  const auto plain = ask("GET", "/readyz");
  EXPECT_EQ(plain.status, 503) << "something is exposed";
  EXPECT_FALSE(json(plain).contains("checks"));
  const auto verbose = ask("GET", "/readyz?verbose=1");
  EXPECT_EQ(verbose.status, 503);
  EXPECT_THAT(verbose.body, Not(HasSubstr("boss")));
  EXPECT_THAT(verbose.body, Not(HasSubstr("default-password")));
  EXPECT_THAT(verbose.body, HasSubstr("disk-logs"));
  const Json last = json(verbose)["checks"].back();
  EXPECT_EQ(last["name"], "exposure");
  EXPECT_EQ(last["result"], "failed");
}

TEST_F(HealthApiTest, AnAdministratorReadsTheReasons) {
  expose();
  EXPECT_EQ(ask("GET", "/api/system/status").status, 401);
  log_in();
  const Json status = json(ask("GET", "/api/system/status"));
  EXPECT_EQ(status["ready"], false);
  EXPECT_EQ(status["control"]["health"], "degraded");
  EXPECT_EQ(status["control"]["reasons"][0],
            "exposure-default-password: boss@example.test has a first guess");
  EXPECT_EQ(status["services"][0]["health"], "ready");
  EXPECT_EQ(status["services"][0]["checks"][0]["name"], "disk-logs");
}

TEST_F(HealthApiTest, TheHistoryIsPagedAndFiltered) {
  EXPECT_EQ(ask("GET", "/api/system/history").status, 401);
  log_in();
  ASSERT_TRUE(control::add_health_changes(plane_.context(), {{.at = from_millis(1'767'225'600'000),
                                                              .service = "mail",
                                                              .host = "main",
                                                              .kind = "daemon_restarted",
                                                              .subject = "postfix",
                                                              .cause = "signal Killed"},
                                                             {.at = from_millis(1'767'225'601'000),
                                                              .service = "bind",
                                                              .host = "main",
                                                              .kind = "state",
                                                              .before = "ready",
                                                              .after = "degraded",
                                                              .cause = "named is backoff"}}));
  const Json all = json(ask("GET", "/api/system/history"));
  ASSERT_EQ(all["items"].size(), 2U);
  EXPECT_EQ(all["items"][0]["service"], "bind");
  EXPECT_EQ(json(ask("GET", "/api/system/history?service=mail"))["items"][0]["cause"],
            "signal Killed");
  EXPECT_EQ(json(ask("GET", "/api/system/history?since=2026-01-01T00:00:01Z"))["items"].size(), 1U);
  const Json first = json(ask("GET", "/api/system/history?limit=1"));
  EXPECT_EQ(first["items"].size(), 1U);
  EXPECT_EQ(ask("GET", "/api/system/history?service=kitchen").status, 400);
}

TEST_F(HealthApiTest, TheNameOfTheCheckAccountIsReserved) {
  log_in();
  const auto user = ask("POST", "/api/users",
                        R"({"email":"podplay-check@example.test","password":"abcdefgh9z"})");
  EXPECT_EQ(user.status, 400) << user.body;
  EXPECT_EQ(json(user)["errors"][0]["field"], "email");
  const auto alias =
      ask("POST", "/api/aliases",
          R"({"address":"podplay-check@example.test","targets":["admin@example.test"]})");
  EXPECT_EQ(alias.status, 400) << alias.body;
}

}  // namespace
}  // namespace podplay::api
