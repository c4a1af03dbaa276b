// Browsers log in with a cookie that another site cannot use, programs with tokens for what they
// need.
#include "api/logins.hpp"

#include "api/api_fixture.hpp"
#include "api/cookies.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/users.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPassword = R"({"email":"admin@example.test","password":"password123")";

class LoginsTest : public test::ApiTest {
 protected:
  void SetUp() override { plane_.make_admin(); }

  // A browser as its headers.
  struct Browser {
    std::string cookie;
    std::string csrf;
    net::Headers headers() const {
      return {{"Cookie", cookie}, {"X-CSRF-Token", csrf}, {"Host", "control.example.test"}};
    }
    net::Headers without_csrf() const { return {{"Cookie", cookie}}; }
  };
  // "NAME=VALUE" of Set-Cookie.
  static std::string cookie_in(const net::HttpResponse& response) {
    const std::string header = response.header("Set-Cookie");
    return header.substr(0, header.find(';'));
  }
  Browser open() {
    const auto response = ask("GET", "/api/csrf");
    return {cookie_in(response), json(response)["csrf_token"]};
  }
  Browser log_in_browser() {
    const auto response = ask("POST", "/api/login",
                              std::string(kPassword) + R"(,"session":"cookie"})", open().headers());
    EXPECT_EQ(response.status, 200) << response.body;
    return {cookie_in(response), json(response)["csrf_token"]};
  }
  std::string code(const net::HttpResponse& response) {
    return response.status < 400 ? "fine" : json(response)["code"].get<std::string>();
  }
  // A token of the administrator with these scopes, as JSON.
  std::string token_for(const std::string& scopes) {
    token_ = json(ask("POST", "/api/login", std::string(kPassword) + "}"))["token"];
    const auto made = ask("POST", "/api/tokens", R"({"name":"test","scopes":)" + scopes + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return json(made)["token"];
  }
};

TEST_F(LoginsTest, ABrowserGetsACookieAndNoToken) {
  const auto response = ask("POST", "/api/login",
                            std::string(kPassword) + R"(,"session":"cookie"})", open().headers());
  EXPECT_EQ(response.status, 200);
  const std::string cookie = response.header("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-session_id=")) << cookie;
  for (const char* part : {"; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"}) {
    EXPECT_NE(cookie.find(part), cookie.npos) << part;
  }
  EXPECT_EQ(cookie.find("Domain"), cookie.npos);
  EXPECT_FALSE(json(response).contains("token"));
  EXPECT_EQ(json(response)["user"]["email"], "admin@example.test");
}

TEST_F(LoginsTest, ALoginByCookieNeedsTheCsrfTokenToo) {
  const std::string body = std::string(kPassword) + R"(,"session":"cookie"})";
  EXPECT_EQ(code(ask("POST", "/api/login", body)), "csrf");
  const Browser browser = open();
  EXPECT_EQ(code(ask("POST", "/api/login", body, browser.without_csrf())), "csrf");
  EXPECT_EQ(code(ask("POST", "/api/login", body, {{"X-CSRF-Token", browser.csrf}})), "csrf");
  net::Headers foreign = browser.headers();
  foreign["Origin"] = "https://evil.test";
  EXPECT_EQ(code(ask("POST", "/api/login", body, foreign)), "cross_origin");
  EXPECT_EQ(code(ask("POST", "/api/login", body, browser.headers())), "fine");
}

TEST_F(LoginsTest, EachLoginHasANewCookieWhateverTheBrowserSent) {
  Browser fixed = open();
  fixed.cookie += "; __Host-session_id=attackers-choice";
  const auto response = ask("POST", "/api/login",
                            std::string(kPassword) + R"(,"session":"cookie"})", fixed.headers());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Set-Cookie").find("attackers-choice"), std::string::npos);
  EXPECT_EQ(
      ask("GET", "/api/session", "", {{"Cookie", "__Host-session_id=attackers-choice"}}).status,
      401);
}

TEST_F(LoginsTest, ACookieReadsAndWritesOnlyWithTheCsrfToken) {
  const Browser browser = log_in_browser();
  EXPECT_EQ(ask("GET", "/api/users", "", browser.without_csrf()).status, 200);
  EXPECT_EQ(ask("HEAD", "/api/users", "", browser.without_csrf()).status, 200);
  const char* user = R"({"email":"x@example.test","password":"password123"})";
  EXPECT_EQ(code(ask("POST", "/api/users", user, browser.without_csrf())), "csrf");
  EXPECT_EQ(code(ask("DELETE", "/api/users/admin@example.test", "", browser.without_csrf())),
            "csrf");
  net::Headers foreign = browser.headers();
  foreign["Sec-Fetch-Site"] = "same-site";
  EXPECT_EQ(code(ask("POST", "/api/users", user, foreign)), "cross_origin");
  Browser another = log_in_browser();
  another.csrf = browser.csrf;
  EXPECT_EQ(code(ask("POST", "/api/users", user, another.headers())), "csrf")
      << "the token of another session";
  EXPECT_EQ(ask("POST", "/api/users", user, browser.headers()).status, 201);
}

TEST_F(LoginsTest, TheSessionTellsItsCsrfTokenAndItsEnd) {
  const Browser browser = log_in_browser();
  const Json session = json(ask("GET", "/api/session", "", browser.without_csrf()));
  EXPECT_EQ(session["login"]["kind"], "session");
  EXPECT_EQ(session["login"]["strength"], "single_factor");
  EXPECT_EQ(session["login"]["csrf_token"], browser.csrf);
  EXPECT_TRUE(session["login"].contains("recent_until"));
  const auto csrf = ask("GET", "/api/csrf", "", browser.without_csrf());
  EXPECT_EQ(json(csrf)["csrf_token"], browser.csrf);
  EXPECT_EQ(json(csrf)["logged_in"], true);
  EXPECT_EQ(csrf.header("Set-Cookie"), "");
}

TEST_F(LoginsTest, ALogoutDeletesTheCookie) {
  const Browser browser = log_in_browser();
  const auto response = ask("POST", "/api/logout", "", browser.headers());
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.header("Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(code(ask("GET", "/api/session", "", browser.without_csrf())), "session_invalid");
}

TEST_F(LoginsTest, ASessionIsProvenAgainWithANewCookie) {
  const Browser browser = log_in_browser();
  EXPECT_EQ(code(ask("POST", "/api/session/prove", R"({"password":"wrong"})", browser.headers())),
            "wrong_password");
  const auto proven =
      ask("POST", "/api/session/prove", R"({"password":"password123"})", browser.headers());
  EXPECT_EQ(proven.status, 200) << proven.body;
  const Browser after{cookie_in(proven), json(proven)["csrf_token"]};
  EXPECT_NE(after.cookie, browser.cookie);
  EXPECT_EQ(ask("GET", "/api/session", "", browser.without_csrf()).status, 401);
  EXPECT_EQ(ask("GET", "/api/session", "", after.without_csrf()).status, 200);
}

TEST_F(LoginsTest, SessionsAreListedAndEnded) {
  const Browser mine = log_in_browser();
  const Browser other = log_in_browser();
  const Json sessions = json(ask("GET", "/api/sessions", "", mine.without_csrf()));
  ASSERT_EQ(sessions["items"].size(), 2U);
  const std::string id = sessions["items"][0]["id"].dump();
  EXPECT_EQ(code(ask("DELETE", "/api/sessions/no-number", "", mine.headers())), "session_unknown");
  EXPECT_EQ(ask("DELETE", "/api/sessions/" + id, "", mine.headers()).status, 200);
  EXPECT_EQ(ask("GET", "/api/session", "", other.without_csrf()).status, 401);
  log_in_browser();
  EXPECT_EQ(json(ask("DELETE", "/api/sessions", "", mine.headers()))["revoked"], 1);
  EXPECT_EQ(ask("GET", "/api/session", "", mine.without_csrf()).status, 200);
}

TEST_F(LoginsTest, ATokenMayDoWhatItsScopesSay) {
  token_ = token_for(R"(["users:read"])");
  EXPECT_EQ(ask("GET", "/api/users").status, 200);
  EXPECT_EQ(code(ask("GET", "/api/audit")), "scope_missing");
  EXPECT_EQ(code(ask("GET", "/api/session")), "scope_missing");
  EXPECT_EQ(code(ask("POST", "/api/users", R"({"email":"x@example.test","password":"password1"})")),
            "scope_missing");
}

TEST_F(LoginsTest, ATokenIsShownOnceAlsoWhenTheRequestIsRepeated) {
  token_ = json(ask("POST", "/api/login", std::string(kPassword) + "}"))["token"];
  const net::Headers keyed{{"Idempotency-Key", "same"}};
  const auto first = ask("POST", "/api/tokens", R"({"name":"once"})", keyed);
  EXPECT_EQ(first.status, 201);
  const auto again = ask("POST", "/api/tokens", R"({"name":"once"})", keyed);
  EXPECT_EQ(code(again), "answer_not_kept");
  EXPECT_EQ(again.body.find(json(first)["token"].get<std::string>()), std::string::npos);
  EXPECT_EQ(json(ask("GET", "/api/tokens"))["items"].size(), 2U) << "that of the login, and one";
}

TEST_F(LoginsTest, ATokenIsListedWithoutItself) {
  const std::string text = token_for(R"(["account:write"])");
  const auto listed = ask("GET", "/api/tokens");
  EXPECT_EQ(listed.body.find(text), std::string::npos);
  const std::string id = json(listed)["items"][0]["id"].dump();
  EXPECT_EQ(json(ask("GET", "/api/tokens/" + id))["name"], "test");
  EXPECT_EQ(ask("DELETE", "/api/tokens/" + id).status, 200);
  EXPECT_EQ(code(ask("DELETE", "/api/tokens/" + id)), "token_unknown");
  token_ = text;
  EXPECT_EQ(code(ask("GET", "/api/tokens")), "token_invalid");
}

TEST_F(LoginsTest, AWrongWordIsAFault) {
  EXPECT_EQ(code(ask("POST", "/api/login", std::string(kPassword) + R"(,"session":"jar"})")),
            "unknown_word");
  EXPECT_EQ(
      code(ask("POST", "/api/login/factor", R"({"ticket":"x","factor":"totp","code":"123456"})")),
      "ticket_invalid");
  EXPECT_EQ(code(ask("POST", "/api/login/factor", R"({"ticket":"x","factor":"totp"})")), "missing");
  EXPECT_EQ(code(ask("POST", "/api/login/factor", R"({"ticket":"x","factor":"dice","code":"6"})")),
            "unknown_word");
}

TEST_F(LoginsTest, GrantsAreGivenAndTaken) {
  token_ = json(ask("POST", "/api/login", std::string(kPassword) + "}"))["token"];
  ASSERT_EQ(
      ask("POST", "/api/users", R"({"email":"x@example.test","password":"password123"})").status,
      201);
  const auto given =
      ask("POST", "/api/users/x@example.test/grants", R"({"domain":"example.test"})");
  EXPECT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(json(given)["domains"], Json::parse(R"(["example.test"])"));
  EXPECT_EQ(json(ask("GET", "/api/users/x@example.test/grants"))["items"].size(), 1U);
  EXPECT_EQ(json(ask("GET", "/api/domains/example.test/admins"))["items"][0]["email"],
            "x@example.test");
  const auto taken =
      ask("POST", "/api/users/x@example.test/grants/revoke", R"({"domain":"example.test"})");
  EXPECT_EQ(json(taken)["role"], "user");
  EXPECT_EQ(code(ask("POST", "/api/users/admin@example.test/grants/revoke", R"({"role":"admin"})")),
            "last_admin");
}

}  // namespace
}  // namespace podplay::api
