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

}  // namespace
}  // namespace podplay::api
