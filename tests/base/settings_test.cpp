// Settings against their table.
#include "base/settings.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

constexpr SettingRow kRows[] = {
    {"PODPLAY_PORT", SettingType::integer, "25", "1..65535", "restart", "A port"},
    {"PODPLAY_SIZE", SettingType::bytes, "25M", "", "restart", "A size"},
    {"PODPLAY_MODE", SettingType::choice, "a", "a|b", "restart", "A mode"},
    {"PODPLAY_KEY", SettingType::secret, "", "", "restart", "A key"},
    {"PODPLAY_HOSTS", SettingType::list, "", "", "restart", "Hosts"},
};

TEST(Settings, DefaultsAndValues) {
  const auto settings = Settings::parse(
      kRows, {{"PODPLAY_PORT", "2525"}, {"PODPLAY_HOSTS", "a, b c"}, {"HOME", "/root"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->integer("PODPLAY_PORT"), 2525);
  EXPECT_EQ(settings->integer("PODPLAY_SIZE"), 25 << 20);
  EXPECT_EQ(settings->list("PODPLAY_HOSTS"), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Settings, AllFaultsAtOnceWithTheNearestName) {
  const auto settings = Settings::parse(kRows, {{"PODPLAY_PROT", "1"},
                                                {"PODPLAY_PORT", "70000"},
                                                {"PODPLAY_MODE", "c"},
                                                {"PODPLAY_KEY", "x\ny"}});
  ASSERT_FALSE(settings);
  ASSERT_EQ(settings.error().faults.size(), 4U);
  const std::string all = describe(settings.error());
  EXPECT_NE(all.find("did you mean PODPLAY_PORT?"), all.npos) << all;
  EXPECT_NE(all.find("PODPLAY_PORT=70000 must be a whole number in 1..65535"), all.npos) << all;
  EXPECT_NE(all.find("must be one of a|b"), all.npos) << all;
  EXPECT_EQ(all.find("x\ny"), all.npos) << "a secret's value was shown";
}

TEST(Settings, WhatGoesIntoADaemonsConfigurationIsCheckedAsWhatItIs) {
  constexpr SettingRow kAddresses[] = {
      {"PODPLAY_FOUR", SettingType::ip_address, "", "4", "restart", "IPv4"},
      {"PODPLAY_SIX", SettingType::ip_address, "", "6", "restart", "IPv6"},
      {"PODPLAY_LIST", SettingType::address_list, "", "", "restart", "Addresses"},
      {"PODPLAY_RELAY", SettingType::host_port, "", "", "restart", "host:port"},
      {"PODPLAY_LEVEL", SettingType::level, "", "", "restart", "Level"},
  };
  const auto good = Settings::parse(kAddresses, {{"PODPLAY_FOUR", "192.0.2.1"},
                                                 {"PODPLAY_SIX", "2001:db8::1"},
                                                 {"PODPLAY_LIST", "192.0.2.1, 2001:db8::1"},
                                                 {"PODPLAY_RELAY", "[2001:db8::1]:587"},
                                                 {"PODPLAY_LEVEL", "debug"}});
  ASSERT_TRUE(good) << describe(good.error());
  EXPECT_EQ(good->text("PODPLAY_LEVEL"), "DEBUG");
  for (const auto* relay : {"relay.test", "relay.test:25", "192.0.2.1:25", "[relay.test]:587"}) {
    EXPECT_TRUE(Settings::parse(kAddresses, {{"PODPLAY_RELAY", relay}})) << relay;
  }
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"PODPLAY_FOUR", "...."},
           {"PODPLAY_FOUR", "::1"},
           {"PODPLAY_SIX", "192.0.2.1"},
           {"PODPLAY_LIST", "any"},
           {"PODPLAY_LIST", "192.0.2.1; }"},
           {"PODPLAY_RELAY", "relay.test:0"},
           {"PODPLAY_RELAY", "relay test"},
           {"PODPLAY_RELAY", "2001:db8::1"}}) {
    EXPECT_FALSE(Settings::parse(kAddresses, {{name, value}})) << name << "=" << value;
  }
}

TEST(Settings, Sizes) {
  EXPECT_EQ(parse_bytes("500M").value(), 524288000);
  EXPECT_EQ(parse_bytes("0").value(), 0);
  EXPECT_FALSE(parse_bytes("-1"));
  EXPECT_FALSE(parse_bytes("9999999999T"));
  EXPECT_FALSE(parse_bytes(""));
}

}  // namespace
}  // namespace podplay
