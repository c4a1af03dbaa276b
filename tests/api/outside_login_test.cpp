// A browser logs in by an outside provider: with its cookie and CSRF token, or not at all.
#include "api/outside_login.hpp"

#include "api/api_fixture.hpp"
#include "control/identity/fake_provider.hpp"

namespace podplay::api {
namespace {

class OutsideLoginApiTest : public test::ApiTest {
 protected:
  void SetUp() override {
    provider_.introduce(plane_, {{"PODPLAY_OUTSIDE_LOGIN_NAME", "Example"}});
    log_in();
    ask("POST", "/api/users", R"({"email":"ann@example.test","password":"password123"})");
    admin_ = std::exchange(token_, "");
    const auto csrf = ask("GET", "/api/csrf");
    const std::string cookie = csrf.header("Set-Cookie");
    browser_ = {{"Cookie", cookie.substr(0, cookie.find(';'))},
                {"X-CSRF-Token", json(csrf)["csrf_token"].get<std::string>()},
                {"Host", "control.example.test"}};
  }
  std::string code(const net::HttpResponse& response) {
    return response.status < 400 ? "fine" : json(response)["code"].get<std::string>();
  }
  // What the provider sends the browser back with.
  std::string visit() {
    const auto begun = ask("POST", "/api/login/outside/begin", "", browser_);
    EXPECT_EQ(begun.status, 200) << begun.body;
    EXPECT_TRUE(begun.header("Set-Cookie").starts_with(browser_["Cookie"] + ";"));
    const auto answer = provider_.visit(json(begun)["redirect"]);
    return Json{{"state", answer.state}, {"code", answer.code}, {"iss", answer.issuer}}.dump();
  }

  test::FakeProvider provider_;
  std::string admin_;
  net::Headers browser_;
};

TEST_F(OutsideLoginApiTest, ABrowserComesBackAndGetsACookie) {
  const Json offer = json(ask("GET", "/api/login/outside"));
  EXPECT_EQ(offer["available"], true);
  EXPECT_EQ(offer["name"], "Example");
  const std::string answer = visit();
  const auto done = ask("POST", "/api/login/outside", answer, browser_);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(json(done)["user"]["email"], "ann@example.test");
  EXPECT_FALSE(json(done).contains("token"));
  const std::string cookie = done.header("Set-Cookie");
  ASSERT_TRUE(cookie.starts_with("__Host-session_id=")) << cookie;
  const net::Headers session{{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(json(ask("GET", "/api/session", "", session))["email"], "ann@example.test");
  EXPECT_EQ(code(ask("POST", "/api/login/outside", answer, browser_)), "outside_state_invalid");
}

TEST_F(OutsideLoginApiTest, AnotherSiteCannotLogSomebodyIn) {
  const std::string answer = visit();
  net::Headers foreign = browser_;
  foreign["Origin"] = "https://evil.test";
  for (const char* path : {"/api/login/outside/begin", "/api/login/outside"}) {
    const std::string body = path == std::string_view("/api/login/outside") ? answer : "";
    EXPECT_EQ(code(ask("POST", path, body, foreign)), "cross_origin") << path;
    EXPECT_EQ(code(ask("POST", path, body, {{"Cookie", browser_["Cookie"]}})), "csrf") << path;
    EXPECT_EQ(code(ask("POST", path, body)), "csrf") << path;
  }
  // A browser of its own, with a cookie and a token that fit together.
  const auto csrf = ask("GET", "/api/csrf");
  const std::string cookie = csrf.header("Set-Cookie");
  EXPECT_EQ(code(ask("POST", "/api/login/outside", answer,
                     {{"Cookie", cookie.substr(0, cookie.find(';'))},
                      {"X-CSRF-Token", json(csrf)["csrf_token"].get<std::string>()}})),
            "outside_state_invalid");
  EXPECT_EQ(code(ask("POST", "/api/login/outside", answer, browser_)), "fine");
}

TEST_F(OutsideLoginApiTest, AnAdministratorSeesAndForgetsAConnection) {
  ask("POST", "/api/login/outside", visit(), browser_);
  token_ = admin_;
  Json known = json(ask("GET", "/api/users/ann@example.test/outside-login"));
  EXPECT_EQ(known["connected"], true);
  EXPECT_EQ(known["issuer"], provider_.issuer);
  EXPECT_EQ(known["subject"], "248289");
  known = json(ask("DELETE", "/api/users/ann@example.test/outside-login"));
  EXPECT_EQ(known["connected"], false);
  EXPECT_FALSE(known.contains("subject"));
  EXPECT_EQ(code(ask("DELETE", "/api/users/ann@example.test/outside-login")),
            "outside_not_connected");
  EXPECT_EQ(code(ask("GET", "/api/users/nobody@example.test/outside-login")), "user_unknown");
}

TEST_F(OutsideLoginApiTest, WhatIsNotConfiguredIsNotThere) {
  plane_.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"}}).value();
  EXPECT_EQ(json(ask("GET", "/api/login/outside"))["available"], false);
  EXPECT_EQ(code(ask("POST", "/api/login/outside/begin", "", browser_)), "outside_login_off");
  EXPECT_EQ(code(ask("POST", "/api/login/outside", R"({"state":"s","code":"c"})", browser_)),
            "outside_login_off");
}

}  // namespace
}  // namespace podplay::api
