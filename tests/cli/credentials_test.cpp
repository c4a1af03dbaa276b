// Second factors and app passwords on the command line: what is sent, and what is shown once.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(CommandLineTest, AnAppIsShownAsAQrCodeAndFinishedLater) {
  answer_ = {200, {}, Json{{"secret", "JBSWY3DP"}, {"qr_text", "████\n"}}.dump()};
  const Said said = call({"factors", "totp"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("████\n"));
  EXPECT_THAT(said.out, HasSubstr("type the secret: JBSWY3DP"));
  EXPECT_THAT(said.out, HasSubstr("podplay factors confirm-totp CODE"));
  EXPECT_THAT(all_asked_, ElementsAre("POST /api/totp"));
  EXPECT_EQ(asked_.body, "{}");
}

TEST_F(CommandLineTest, ThePasswordIsSentWhenTheLoginIsNotRecent) {
  answer_ = {200, {}, Json{{"secret", "JBSWY3DP"}}.dump()};
  const Said said = call({"factors", "totp", "--current-password-stdin"}, "my password\n");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"current_password", "my password"}}));
}

TEST_F(CommandLineTest, ACodeIsConfirmed) {
  answer_ = {200, {}, Json{{"recovery_codes", {"mzxw-6ytb-oi4t-c2lq"}}, {"revision", 4}}.dump()};
  const Said said = call({"factors", "confirm-totp", "123456"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"code", "123456"}}));
  EXPECT_THAT(said.out, HasSubstr("mzxw-6ytb-oi4t-c2lq"));
}

TEST_F(CommandLineTest, AnAppPasswordIsForTheNamedProtocols) {
  answer_ = {201, {}, Json{{"name", "phone"}, {"password", "app-abc"}, {"revision", 4}}.dump()};
  const Said said =
      call({"app-passwords", "create", "phone", "--protocol", "imap", "--protocol", "smtp"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"name", "phone"}, {"protocols", {"imap", "smtp"}}}));
  EXPECT_THAT(said.out, HasSubstr("app-abc"));
}

TEST_F(CommandLineTest, FactorsOfAUserAreReset) {
  answer_ = {200, {}, Json{{"email", "ann@a.test"}, {"revision", 4}}.dump()};
  const Said said = call({"users", "reset-factors", "ann@a.test"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(all_asked_, ElementsAre("DELETE /api/users/ann@a.test/factors"));
  EXPECT_THAT(said.out, HasSubstr("removed the second factors of ann@a.test"));
}

TEST_F(CommandLineTest, AProgramIsMadeKnown) {
  answer_ = {201, {}, Json{{"id", "webmail"}, {"client_secret", "s"}, {"revision", 4}}.dump()};
  const Said said = call({"openid", "create", "webmail", "--name", "Webmail", "--redirect-uri",
                          "https://w.test/cb", "--confidential"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(Json::parse(asked_.body), (Json{{"id", "webmail"},
                                            {"name", "Webmail"},
                                            {"redirect_uris", {"https://w.test/cb"}},
                                            {"confidential", true}}));
}

}  // namespace
}  // namespace podplay::cli
