// Settings against their table.
#include "base/settings.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

constexpr SettingRow kRows[] = {
    {.name = "PODPLAY_PORT",
     .type = SettingType::integer,
     .default_value = "25",
     .range = "1..65535",
     .help = "A port"},
    {.name = "PODPLAY_SIZE", .type = SettingType::bytes, .default_value = "25M", .help = "A size"},
    {.name = "PODPLAY_MODE",
     .type = SettingType::choice,
     .default_value = "a",
     .range = "a|b",
     .help = "A mode"},
    {.name = "PODPLAY_KEY", .type = SettingType::secret, .help = "A key"},
    {.name = "PODPLAY_HOSTS", .type = SettingType::address_list, .help = "Hosts"},
};
constexpr SettingTable kTable{.prefix = "PODPLAY_", .rows = kRows};
using TestSettings = CheckedSettings<kTable>;

TEST(Settings, DefaultsAndValues) {
  const auto settings = TestSettings::parse(
      {{"PODPLAY_PORT", "2525"}, {"PODPLAY_HOSTS", "192.0.2.1, ::1 192.0.2.2"}, {"HOME", "/root"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->integer("PODPLAY_PORT"), 2525);
  EXPECT_EQ(settings->text("PODPLAY_PORT"), "2525");
  EXPECT_EQ(settings->integer("PODPLAY_SIZE"), 25 << 20);
  EXPECT_EQ(settings->list("PODPLAY_HOSTS"),
            (std::vector<std::string>{"192.0.2.1", "::1", "192.0.2.2"}));
}

TEST(Settings, RowsAreFoundByNameAtRunTimeToo) {
  const auto settings = TestSettings::parse({{"PODPLAY_KEY", "abc"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->find("PODPLAY_TYPO"), nullptr);
  ASSERT_NE(settings->find("PODPLAY_KEY"), nullptr);
  EXPECT_EQ(settings->text(*settings->find("PODPLAY_KEY")), "abc");
  EXPECT_EQ(settings->secret("PODPLAY_KEY").reveal(), "abc");
}

TEST(Settings, AllFaultsAtOnceWithTheNearestName) {
  const auto settings = TestSettings::parse({{"PODPLAY_PROT", "1"},
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

constexpr SettingRow kAddressRows[] = {
    {.name = "PODPLAY_FOUR", .type = SettingType::ip_address, .range = "4", .help = "IPv4"},
    {.name = "PODPLAY_SIX", .type = SettingType::ip_address, .range = "6", .help = "IPv6"},
    {.name = "PODPLAY_LIST", .type = SettingType::address_list, .help = "Addresses"},
    {.name = "PODPLAY_SERVERS", .type = SettingType::server_list, .help = "Servers"},
    {.name = "PODPLAY_RESOLVERS", .type = SettingType::resolver_list, .help = "Resolvers"},
    {.name = "PODPLAY_RELAY", .type = SettingType::host_port, .help = "host:port"},
    {.name = "PODPLAY_LEVEL", .type = SettingType::level, .help = "Level"},
};
constexpr SettingTable kAddressTable{.prefix = "PODPLAY_", .rows = kAddressRows};
using AddressSettings = CheckedSettings<kAddressTable>;

TEST(Settings, WhatGoesIntoADaemonsConfigurationIsCheckedAsWhatItIs) {
  const auto good = AddressSettings::parse({{"PODPLAY_FOUR", "192.0.2.1"},
                                            {"PODPLAY_SIX", "2001:db8::1"},
                                            {"PODPLAY_LIST", "192.0.2.1, 2001:db8::1"},
                                            {"PODPLAY_SERVERS", "ns2.a.test=192.0.2.1, ::1"},
                                            {"PODPLAY_RESOLVERS", "192.0.2.1:5353, ::1, [::1]:53"},
                                            {"PODPLAY_RELAY", "[2001:db8::1]:587"},
                                            {"PODPLAY_LEVEL", "debug"}});
  ASSERT_TRUE(good) << describe(good.error());
  EXPECT_EQ(good->text("PODPLAY_LEVEL"), "DEBUG");
  EXPECT_EQ(good->level("PODPLAY_LEVEL"), Level::debug);
  for (const auto* relay : {"relay.test", "relay.test:25", "192.0.2.1:25", "[relay.test]:587"}) {
    EXPECT_TRUE(AddressSettings::parse({{"PODPLAY_RELAY", relay}})) << relay;
  }
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"PODPLAY_FOUR", "...."},
           {"PODPLAY_FOUR", "::1"},
           {"PODPLAY_SIX", "192.0.2.1"},
           {"PODPLAY_LIST", "any"},
           {"PODPLAY_LIST", "192.0.2.1; }"},
           {"PODPLAY_SERVERS", "ns2.example.test"},
           {"PODPLAY_SERVERS", "ns2=192.0.2.1"},
           {"PODPLAY_SERVERS", "ns2.example.test=192.0.2.1; }"},
           {"PODPLAY_SERVERS", "ns2.example.test=any"},
           {"PODPLAY_SERVERS", "=192.0.2.1"},
           {"PODPLAY_RESOLVERS", "dns.test"},
           {"PODPLAY_RESOLVERS", "192.0.2.1:0"},
           {"PODPLAY_RESOLVERS", "[192.0.2.1]:53"},
           {"PODPLAY_RESOLVERS", "[::1]"},
           {"PODPLAY_RELAY", "relay.test:0"},
           {"PODPLAY_RELAY", "relay test"},
           {"PODPLAY_RELAY", "2001:db8::1"}}) {
    EXPECT_FALSE(AddressSettings::parse({{name, value}})) << name << "=" << value;
  }
}

}  // namespace
}  // namespace podplay
