// The answer of a write says which services have not applied it.
#include "api/answers.hpp"

#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class AnswersTest : public test::ApiTest {};

TEST_F(AnswersTest, WaitingTellsWhatIsPending) {
  log_in();
  const auto made = json(
      ask("POST", "/api/users?wait=1", R"({"email":"w@example.test","password":"password123"})"));
  EXPECT_EQ(made["applied"]["state"], "pending");
  EXPECT_EQ(made["applied"]["services"][0]["service"], "mail");
  EXPECT_EQ(
      json(ask("GET", "/api/revisions/" + std::to_string(made["revision"].get<int>())))["summary"],
      "create user w@example.test");
  const auto dry = json(ask("POST", "/api/users?dry_run=1",
                            R"({"email":"d@example.test","password":"password123"})"));
  EXPECT_EQ(dry["rows"][0]["key"], "d@example.test");
  EXPECT_EQ(ask("GET", "/api/users/d@example.test").status, 404);
}

}  // namespace
}  // namespace podplay::api
