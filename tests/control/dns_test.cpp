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

// The names of each type at the apex.
std::vector<std::string> at_apex(const Zone& zone, const std::string& type) {
  std::vector<std::string> data;
  for (const ZoneRecord& record : zone.records) {
    if (record.name == "@" && record.type == type) {
      data.push_back(record.data);
    }
  }
  return data;
}

TEST(Dns, NsRecordsNameTheSecondariesToo) {
  const ZoneFacts facts{.mail_server = "mail.example.test",
                        .contact = "a@example.test",
                        .ipv4 = "192.0.2.1",
                        .ipv6 = "",
                        .control_host = "control.example.test",
                        .secondaries = {parse_secondary("NS2.example.test=192.0.2.53"),
                                        parse_secondary("ns2.example.test=2001:db8::53"),
                                        parse_secondary("ns.elsewhere.test=198.51.100.1"),
                                        parse_secondary("203.0.113.1")}};
  const std::vector<std::string> names{"ns.elsewhere.test.", "ns1.example.test.",
                                       "ns2.example.test."};
  const Zone zone = make_zone("example.test", facts);
  EXPECT_EQ(at_apex(zone, "NS"), names) << "each once; who only transfers is not named";
  const auto has = [&](const std::string& name, const std::string& type, const std::string& data) {
    return std::ranges::any_of(zone.records, [&](const ZoneRecord& r) {
      return r.name == name && r.type == type && r.data == data;
    });
  };
  EXPECT_TRUE(has("ns2", "A", "192.0.2.53")) << "glue";
  EXPECT_TRUE(has("ns2", "AAAA", "2001:db8::53"));
  EXPECT_FALSE(has("ns", "A", "198.51.100.1"));
  const Zone other = make_zone("other.test", facts);
  EXPECT_EQ(at_apex(other, "NS").size(), 3U);
  EXPECT_TRUE(std::ranges::none_of(other.records, [](const auto& r) { return r.name == "ns2"; }));
  EXPECT_EQ(
      at_apex(make_reverse_zones(facts).at(0), "NS"),
      (std::vector<std::string>{"mail.example.test.", "ns.elsewhere.test.", "ns2.example.test."}));
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
