// The settings that come in a file: podman 4.3 leaves it as base64, later ones decode it.
#include "control/settings.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/test_folder.hpp"

namespace podplay::control {
namespace {

using Environment = std::map<std::string, std::string>;

class SecretSettingsTest : public testing::Test {
 protected:
  Result<Environment> read(const std::string& text, Environment environment) {
    const Status written = files_.write_atomic(folder_.path() + "/settings.json", text, 0600, {});
    EXPECT_TRUE(written);
    return with_secret_settings(std::move(environment), files_, folder_.path() + "/settings.json");
  }
  test::TestFolder folder_;
  RealFiles files_;
};

TEST_F(SecretSettingsTest, TheyAreReadWithAndWithoutBase64) {
  const std::string url = "postgresql://u:p\"w\\ord@db/x";
  const std::string text = R"({"PODPLAY_DATABASE_URL":"postgresql://u:p\"w\\ord@db/x"})";
  for (const std::string& given : {text, base64(text)}) {
    const auto settings = read(given, {{"PODPLAY_DOMAIN", "example.test"}});
    ASSERT_TRUE(settings) << describe(settings.error());
    EXPECT_EQ(*settings,
              (Environment{{"PODPLAY_DOMAIN", "example.test"}, {"PODPLAY_DATABASE_URL", url}}));
  }
}

TEST_F(SecretSettingsTest, WhatTheEnvironmentHasStays) {
  const auto settings = read(R"({"PODPLAY_A":"file","PODPLAY_B":"file"})", {{"PODPLAY_A", "own"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, (Environment{{"PODPLAY_A", "own"}, {"PODPLAY_B", "file"}}));
}

TEST_F(SecretSettingsTest, WithoutTheFileTheEnvironmentIsAll) {
  const Environment environment{{"PODPLAY_DOMAIN", "example.test"}};
  const auto settings = with_secret_settings(environment, files_, folder_.path() + "/none");
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, environment);
}

TEST_F(SecretSettingsTest, ABrokenFileIsRefusedAndNotShown) {
  for (const std::string broken : {"", "pass-word", "{\"PODPLAY_DATABASE_URL\": \"pass-word",
                                   "{\"PODPLAY_A\": 1, \"B\": \"pass-word\"}", "[\"pass-word\"]"}) {
    const auto settings = read(broken, {});
    ASSERT_FALSE(settings) << broken;
    EXPECT_EQ(describe(settings.error()).find("pass-word"), std::string::npos);
  }
}

}  // namespace
}  // namespace podplay::control
