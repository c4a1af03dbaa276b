// Mail clients set themselves up, and strangers may send only little.
#include <gtest/gtest.h>

#include "api/api_fixture.hpp"

namespace podplay::test {
namespace {

class MailSetupTest : public ApiTest {};

// field_case_14
TEST_F(MailSetupTest, FieldCase14EveryNameOfADomainIsAnswered) {
  log_in();
  for (const char* host :
       {"example.test", "autoconfig.example.test", "AutoDiscover.Example.test"}) {
    for (const char* path : {"/mail-setup/thunderbird", "/mail-setup/outlook"}) {
      const auto answer = ask("GET", std::string(path) + "?host=" + host);
      EXPECT_EQ(answer.status, 200) << path << host;
      EXPECT_EQ(answer.header("Content-Type"), "application/xml; charset=utf-8");
    }
    EXPECT_EQ(json(ask("GET", std::string("/api/mail/settings?host=") + host))["imap_tls"], 2993);
  }
  for (const char* host : {"elsewhere.test", "x", "", "deep.www.example.test"}) {
    const int status = ask("GET", std::string("/mail-setup/thunderbird?host=") + host).status;
    EXPECT_TRUE(status == 404 || status == 400) << host;
  }
}

TEST_F(MailSetupTest, AStrangerIsNotReadForLong) {
  const auto status_of = [&](const char* path) {
    const auto refused = api_.admit({.method = "POST", .path = path});
    return refused ? refused->status : 0;
  };
  EXPECT_EQ(status_of("/api/login"), 413);
  EXPECT_EQ(status_of("/mail-setup/outlook"), 413);
  EXPECT_EQ(status_of("/api/users/import"), 401);
  EXPECT_EQ(status_of("/api/nothing"), 404);
}

}  // namespace
}  // namespace podplay::test
