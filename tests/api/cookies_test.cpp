// Cookies are read strictly: what is not exactly one of ours is none.
#include "api/cookies.hpp"

#include <gtest/gtest.h>

#include "control/identity/sessions.hpp"

namespace podplay::api {
namespace {

TEST(Cookies, OneOfSeveralIsFound) {
  EXPECT_EQ(cookie_value("a=1; __Host-session_id=abc-_9; b=2", kSessionCookie), "abc-_9");
  EXPECT_EQ(cookie_value("__Host-session_id=abc", kSessionCookie), "abc");
  EXPECT_EQ(cookie_value(" __Host-session_id=abc ;", kSessionCookie), "abc");
  EXPECT_EQ(cookie_value("x__Host-session_id=abc", kSessionCookie), "");
  EXPECT_EQ(cookie_value("__Host-session_id", kSessionCookie), "");
  EXPECT_EQ(cookie_value("", kSessionCookie), "");
  EXPECT_EQ(cookie_value(";;; = ;", kSessionCookie), "");
}

TEST(Cookies, WhatIsNotOneOfOursIsNone) {
  EXPECT_EQ(cookie_value("__Host-session_id=a; __Host-session_id=b", kSessionCookie), "")
      << "nobody knows which one is meant";
  for (const char* value : {"", "a b", "\"abc\"", "a,b", "a=b", "a%20b", "\x01"}) {
    EXPECT_EQ(cookie_value("__Host-session_id=" + std::string(value), kSessionCookie), "") << value;
  }
  EXPECT_EQ(cookie_value("__Host-session_id=" + std::string(201, 'a'), kSessionCookie), "");
}

TEST(Cookies, AreSetForThisHostOnly) {
  EXPECT_EQ(set_cookie(kSessionCookie, "abc", std::chrono::hours(1)),
            "__Host-session_id=abc; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Strict");
  EXPECT_NE(set_cookie(kSessionCookie, "", std::chrono::seconds(0)).find("Max-Age=0"),
            std::string::npos);
}

net::HttpRequest request(net::Headers headers) {
  return {.method = "POST",
          .path = "/api/x",
          .headers = std::move(headers),
          .remote_address = "127.0.0.1"};
}

TEST(Cookies, APageOfAnotherOriginIsRefused) {
  struct Row {
    const char* name;
    net::Headers headers;
    bool fine;
  };
  const Row rows[] = {
      {"no browser", {{"Host", "c.test"}}, true},
      {"its own page", {{"Host", "c.test"}, {"Origin", "http://c.test"}}, true},
      {"behind Apache",
       {{"Host", "C.test:8443"}, {"Origin", "https://c.test:8443"}, {"X-Forwarded-Proto", "https"}},
       true},
      {"without TLS",
       {{"Host", "c.test"}, {"Origin", "http://c.test"}, {"X-Forwarded-Proto", "https"}},
       false},
      {"another port", {{"Host", "c.test"}, {"Origin", "http://c.test:81"}}, false},
      {"a user's page", {{"Host", "c.test"}, {"Origin", "http://ann.c.test"}}, false},
      {"a page without an origin", {{"Host", "c.test"}, {"Origin", "null"}}, false},
      {"same site", {{"Host", "c.test"}, {"Sec-Fetch-Site", "same-site"}}, false},
      {"cross site", {{"Host", "c.test"}, {"Sec-Fetch-Site", "cross-site"}}, false},
      {"same origin", {{"Host", "c.test"}, {"Sec-Fetch-Site", "same-origin"}}, true},
      {"typed by a person", {{"Host", "c.test"}, {"Sec-Fetch-Site", "none"}}, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(check_origin(request(row.headers)).has_value(), row.fine) << row.name;
  }
}

TEST(Cookies, TheCsrfTokenIsThatOfTheCookie) {
  const std::string token = control::csrf_token("abc");
  EXPECT_TRUE(check_csrf(request({{"X-CSRF-Token", token}}), "abc"));
  EXPECT_FALSE(check_csrf(request({{"X-CSRF-Token", token}}), "abd"));
  EXPECT_FALSE(check_csrf(request({{"X-CSRF-Token", ""}}), "abc"));
  EXPECT_FALSE(check_csrf(request({}), "abc"));
  EXPECT_FALSE(check_csrf(request({{"X-CSRF-Token", control::csrf_token("")}}), ""))
      << "no cookie has no token";
}

}  // namespace
}  // namespace podplay::api
