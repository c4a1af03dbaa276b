// Users over HTTP, from creation to deletion.
#include "api/users.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class UsersTest : public test::ApiTest {};

TEST_F(UsersTest, UsersFromCreationToDeletion) {
  log_in();
  const auto made =
      ask("POST", "/api/users", R"({"email":"new@example.test","password":"password123"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.find("argon2"), std::string::npos);
  const std::string etag = made.header("ETag");
  EXPECT_EQ(ask("GET", "/api/users/new@example.test").header("ETag"), etag);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", "\"1\""}}).status,
      412);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", "\"0\""}}).status,
      412)
      << "0 is a tag like any other";
  EXPECT_EQ(ask("DELETE", "/api/users/new@example.test", "", {{"If-Match", "\"0\""}}).status, 412);
  EXPECT_EQ(
      ask("PUT", "/api/users/new@example.test", R"({"quota":7})", {{"If-Match", etag}}).status,
      200);
  EXPECT_EQ(json(ask("GET", "/api/users/new@example.test"))["quota"], 7);
  const auto page = json(ask("GET", "/api/users?limit=1"));
  EXPECT_EQ(page["items"].size(), 1U);
  EXPECT_TRUE(page["next"].is_string());
  EXPECT_EQ(ask("DELETE", "/api/users/new@example.test").status, 200);
  EXPECT_EQ(ask("GET", "/api/users/new@example.test").status, 404);
}

TEST_F(UsersTest, APutThatChangesNothingMakesNoRevision) {
  log_in();
  ask("POST", "/api/users", R"({"email":"s@example.test","password":"password123"})");
  ask("POST", "/api/aliases", R"({"address":"i@example.test","targets":["s@example.test"]})");
  const auto newest = [&] { return json(ask("GET", "/api/revisions?limit=1"))["items"][0]; };
  const auto audited = [&] { return json(ask("GET", "/api/audit?limit=1"))["items"][0]; };
  const Json before = newest();
  const Json event = audited();
  struct Same {
    const char* path;
    const char* body;
  };
  for (const Same& same :
       {Same{"/api/users/s@example.test", R"({"enabled":true})"},
        Same{"/api/users/s@example.test",
             R"({"quota":524288000,"services":["www","mail"],"role":"user","username":"s__"})"},
        Same{"/api/aliases/i@example.test", R"({"targets":["s@example.test"],"enabled":true})"},
        Same{"/api/domains/example.test", R"({"enabled":true})"}}) {
    const std::string path = same.path;
    const auto found = ask("GET", path);
    const auto put = ask("PUT", path + "?wait=1", same.body);
    EXPECT_EQ(put.status, 200) << put.body;
    EXPECT_EQ(put.header("ETag"), found.header("ETag")) << path;
    EXPECT_EQ(json(put)["changed"], false) << put.body;
    EXPECT_TRUE(json(put)["applied"].is_object()) << "what became of the last change";
    EXPECT_EQ(json(ask("PUT", path + "?dry_run=1", same.body))["rows"], Json::array());
    EXPECT_EQ(ask("GET", path).body, found.body) << "not even its time";
    EXPECT_EQ(ask("PUT", path, same.body, {{"If-Match", "\"1\", \"0\""}}).status, 412);
  }
  EXPECT_EQ(newest(), before);
  EXPECT_EQ(audited(), event);
  const auto other = ask("PUT", "/api/users/s@example.test", R"({"quota":7})");
  EXPECT_FALSE(json(other).contains("changed"));
  EXPECT_EQ(json(other)["revision"].get<int>(), before["revision"].get<int>() + 1)
      << "no number was used up";
}

TEST_F(UsersTest, TheOwnPasswordIsChangedOnlyWithTheCurrentOne) {
  log_in();
  ask("POST", "/api/users", R"({"email":"own@example.test","password":"password123"})");
  const std::string admin = token_;
  token_ = json(ask("POST", "/api/login",
                    R"({"email":"own@example.test","password":"password123"})"))["token"];
  const std::string other = json(ask(
      "POST", "/api/login", R"({"email":"own@example.test","password":"password123"})"))["token"];
  const auto change = [&](const std::string& body) {
    return ask("PUT", "/api/users/own@example.test", body);
  };
  const auto without = change(R"({"password":"battery staple 1"})");
  EXPECT_EQ(without.status, 400);
  EXPECT_EQ(json(without)["errors"][0]["field"], "current_password");
  EXPECT_EQ(
      json(change(R"({"password":"battery staple 1","current_password":"wrong one"})"))["code"],
      "wrong_password");
  EXPECT_EQ(json(change(R"({"password":"password1","current_password":"password123"})"))["code"],
            "bad_password");
  EXPECT_EQ(change(R"({"password":"battery staple 1","current_password":"password123"})").status,
            200);
  EXPECT_EQ(ask("GET", "/api/session").status, 200) << "the login that changed it goes on";
  token_ = other;
  EXPECT_EQ(ask("GET", "/api/session").status, 401) << "the others have ended";
  token_ = admin;
  EXPECT_EQ(ask("PUT", "/api/users/own@example.test", R"({"password":"password123"})").status, 200)
      << "an administrator gives others theirs";
  EXPECT_EQ(json(ask("PUT", "/api/users/admin@example.test",
                     R"({"password":"battery staple 1","quota":7})"))["code"],
            "missing")
      << "but changes the own one like everybody";
  EXPECT_EQ(json(ask("GET", "/api/audit?limit=20"))["items"].dump().find("wrong one"),
            std::string::npos);
}

}  // namespace
}  // namespace podplay::api
