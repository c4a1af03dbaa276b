// A device is set up over HTTP: by its owner, and then by whoever has the address of its profile.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"

namespace podplay::test {
namespace {

class DevicesTest : public ApiTest {};

TEST_F(DevicesTest, TheProfileIsForWhoHasItsAddress) {
  log_in();
  const auto made = ask("POST", "/api/account/devices", R"({"name":"phone"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json setup = json(made);
  const auto password = setup["password"].get<std::string>();
  EXPECT_GT(setup["thunderbird_qr"]["size"], 0);
  EXPECT_THAT(setup["profile_qr"]["path"].get<std::string>(), testing::StartsWith("M"));
  const auto url = setup["profile_url"].get<std::string>();
  const std::string path = url.substr(url.find("/api/"));
  ASSERT_THAT(path, testing::StartsWith("/api/devices/profile?setup="));

  token_.clear();
  const auto profile = ask("GET", path);
  EXPECT_EQ(profile.status, 200);
  EXPECT_EQ(profile.header("Content-Type"), "application/x-apple-aspen-config");
  EXPECT_THAT(profile.header("Content-Disposition"), testing::HasSubstr("mail.mobileconfig"));
  EXPECT_THAT(profile.body, testing::HasSubstr(password));
  EXPECT_EQ(json(ask("GET", path + "x"))["code"], "profile_expired");
  EXPECT_EQ(ask("GET", "/api/devices/profile?setup=nonsense").status, 404);
  EXPECT_EQ(ask("POST", "/api/account/devices", R"({"name":"phone"})").status, 401);
}

TEST_F(DevicesTest, ADeviceNeedsAName) {
  log_in();
  const auto refused = ask("POST", "/api/account/devices", R"({"name":""})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused)["errors"][0]["field"], "name");
  EXPECT_EQ(json(ask("GET", "/api/app-passwords"))["items"].size(), 0U);
}

TEST_F(DevicesTest, HowFullAMailboxIsNeedsTheAgent) {
  log_in();
  EXPECT_EQ(ask("GET", "/api/users/nobody@example.test/usage").status, 404);
  EXPECT_EQ(ask("GET", "/api/users/admin@example.test/usage").status, 503)
      << "the mail agent is away";
}

}  // namespace
}  // namespace podplay::test
