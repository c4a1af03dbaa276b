// The levels of logs on the command line.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kLevels =
    R"({"levels":[{"component":"mail","setting":"PODPLAY_MAIL_LOG_LEVEL","configured":"INFO",)"
    R"("level":"DEBUG","until":"2026-01-31T12:15:00.000Z"},{"component":"dns","setting":)"
    R"("PODPLAY_DNS_LOG_LEVEL","configured":"INFO","level":"INFO","until":null}]})";

TEST_F(CommandLineTest, LogLevelsAreShown) {
  answer_.body = kLevels;
  const Said said = call({"system", "log-levels"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(asked_.method + asked_.path, "GET/api/system/log-levels");
  EXPECT_THAT(said.out, HasSubstr("mail   DEBUG  until 2026-01-31T12:15:00.000Z, then INFO\n"));
  EXPECT_THAT(said.out, HasSubstr("dns    INFO\n"));
}

TEST_F(CommandLineTest, ALogLevelIsChangedForAWhile) {
  answer_.body = kLevels;
  ASSERT_EQ(
      call({"system", "log-levels", "--component", "mail", "--level", "DEBUG", "--for", "15m"})
          .code,
      0);
  EXPECT_EQ(asked_.method, "PUT");
  EXPECT_EQ(Json::parse(asked_.body),
            Json({{"component", "mail"}, {"level", "DEBUG"}, {"seconds", 900}}));
  ASSERT_EQ(call({"system", "log-levels", "--component", "mail", "--reset"}).code, 0);
  EXPECT_EQ(Json::parse(asked_.body), Json({{"component", "mail"}}));
}

TEST_F(CommandLineTest, WrongLogLevelsAreExplained) {
  EXPECT_THAT(call({"system", "log-levels", "--level", "DEBUG"}).err, HasSubstr("--component"));
  EXPECT_THAT(call({"system", "log-levels", "--component", "mail"}).err, HasSubstr("--reset"));
  EXPECT_THAT(
      call({"system", "log-levels", "--component", "mail", "--level", "DEBUG", "--for", "soon"})
          .err,
      HasSubstr("15m"));
}

}  // namespace
}  // namespace podplay::cli
