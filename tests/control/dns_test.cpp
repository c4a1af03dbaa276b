// Zones are made from the pod's facts.
#include "control/dns.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace podplay::control {
namespace {

TEST(Dns, AZoneHasWhatMailAndWebNeed) {
  const Zone zone = make_zone("example.test", {.mail_server = "mail.example.test",
                                               .contact = "first.last@example.test",
                                               .ipv4 = "192.0.2.1",
                                               .ipv6 = "2001:db8::1"});
  EXPECT_EQ(zone.contact, "first\\.last.example.test");
  const auto has = [&](const std::string& name, const std::string& type, const std::string& data) {
    return std::ranges::any_of(zone.records, [&](const ZoneRecord& r) {
      return r.name == name && r.type == type && r.data == data;
    });
  };
  EXPECT_TRUE(has("@", "MX", "10 mail.example.test."));
  EXPECT_TRUE(has("@", "TXT", "\"v=spf1 mx -all\""));
  EXPECT_TRUE(has("mail", "A", "192.0.2.1"));
  EXPECT_TRUE(has("@", "AAAA", "2001:db8::1"));
  EXPECT_TRUE(has("_imaps._tcp", "SRV", "0 1 993 mail.example.test."));
  const auto reverse = make_reverse_zones({.mail_server = "mail.example.test",
                                           .contact = "a@example.test",
                                           .ipv4 = "192.0.2.1",
                                           .ipv6 = "2001:db8::1"});
  ASSERT_EQ(reverse.size(), 2U);
  EXPECT_EQ(reverse[0].name, "1.2.0.192.in-addr.arpa") << "not the neighbours' /24";
  EXPECT_EQ(reverse[1].name,
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
      << "not the neighbours' /64";
  for (const Zone& own : reverse) {
    ASSERT_EQ(own.records.size(), 2U);
    EXPECT_EQ(own.records[0].type, "NS");
    EXPECT_EQ(own.records[1].type, "PTR");
    EXPECT_EQ(own.records[1].name, "@");
    EXPECT_EQ(own.records[1].data, "mail.example.test.");
  }
}

TEST(Dns, TheSpfRecordNamesWhatElseSends) {
  const Zone zone = make_zone("a.test", {.mail_server = "mail.a.test",
                                         .contact = "a@a.test",
                                         .ipv4 = "192.0.2.1",
                                         .spf = "include:_spf.relay.test -all"});
  EXPECT_TRUE(std::ranges::any_of(zone.records, [](const ZoneRecord& record) {
    return record.data == "\"v=spf1 mx include:_spf.relay.test -all\"";
  }));
}

}  // namespace
}  // namespace podplay::control
