// GET and PUT /api/system/log-levels over HTTP.
#include "api/log_levels.hpp"

#include <gmock/gmock.h>

#include "api/api_fixture.hpp"

namespace podplay::api {
namespace {

class LogLevelsApiTest : public test::ApiTest {
 protected:
  LogLevelsApiTest() { log_in(); }
};

TEST_F(LogLevelsApiTest, ALevelIsShownWithItsEnd) {
  const auto set =
      ask("PUT", "/api/system/log-levels", R"({"component":"mail","level":"DEBUG","seconds":60})");
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_GT(json(set)["revision"], 0);
  const auto shown = json(ask("GET", "/api/system/log-levels"))["levels"];
  ASSERT_EQ(shown.size(), 9U);
  EXPECT_EQ(shown[0]["component"], "mail");
  EXPECT_EQ(shown[0]["level"], "DEBUG");
  EXPECT_EQ(shown[0]["configured"], "INFO");
  EXPECT_TRUE(shown[0]["until"].is_string());
  EXPECT_TRUE(shown[1]["until"].is_null());
}

TEST_F(LogLevelsApiTest, FaultsNameTheField) {
  const auto wrong = ask("PUT", "/api/system/log-levels",
                         R"({"component":"mail","level":"LOUD","seconds":100000})");
  EXPECT_EQ(wrong.status, 400) << wrong.body;
  EXPECT_THAT(wrong.body, testing::HasSubstr("TRACE"));
  EXPECT_THAT(wrong.body, testing::HasSubstr("seconds"));
}

}  // namespace
}  // namespace podplay::api
