// Zone content as text: no value leaves its line, changes become nsupdate's commands, and records
// are read back.
#include "daemons/zone_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/serial.hpp"

namespace podplay::daemons {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ZoneContent zone() {
  return {.name = "a.test",
          .serial = 5,
          .primary = "ns1.a.test",
          .contact = "admin.a.test",
          .rrsets = {{.name = "@", .type = "NS", .ttl = 3600, .data = {"ns1.a.test."}},
                     {.name = "ns1", .type = "A", .ttl = 3600, .data = {"192.0.2.1"}},
                     {.name = "www", .type = "A", .ttl = 60, .data = {"192.0.2.1"}}}};
}

const Soa kSoa{.ttl = 3600,
               .primary = "ns1.a.test",
               .contact = "admin.a.test",
               .serial = 6,
               .timers = "3600 900 1209600 300"};

ZoneContent with(Rrset rrset) {
  ZoneContent content = zone();
  content.rrsets.push_back(std::move(rrset));
  return content;
}

TEST(ZoneText, WhatEndsItsLineOrItsFileNameIsRefused) {
  EXPECT_TRUE(check_zone_text(zone()));
  for (const char* name : {"", "A.test", "../a", "a/b", "a..b", ".a", "a.", "a\"b", "a b"}) {
    ZoneContent content = zone();
    content.name = name;
    EXPECT_FALSE(check_zone_text(content)) << name;
  }
  for (const char* name : {"", "a b", "a\nb", "a;b", "a(", "\"", "$ORIGIN", "x@y", "a.", "a\\"}) {
    EXPECT_FALSE(check_zone_text(with({.name = name, .type = "A", .data = {"192.0.2.1"}}))) << name;
  }
  for (const char* data : {"", "\"a", "a ; b", "(", "a\nb", "\"a\"\"", "a\\", "\x7f", "\xc3\xa4"}) {
    EXPECT_FALSE(check_zone_text(with({.name = "x", .type = "TXT", .data = {data}}))) << data;
  }
  for (const char* type : {"", "SOA", "RRSIG", "A B", "A\n"}) {
    EXPECT_FALSE(check_zone_text(with({.name = "x", .type = type, .data = {"x"}}))) << type;
  }
}

TEST(ZoneText, UsualDataIsTaken) {
  for (const char* data : {"\"a;b (c)\"", "\"say \\\"x\\\"\"", "\"a\" \"b\"", "a\\;b", "\"\""}) {
    EXPECT_TRUE(check_zone_text(with({.name = "x", .type = "TXT", .data = {data}}))) << data;
  }
  for (const char* name : {"*", "_dmarc", "a.b", "a\\.b", "*.x"}) {
    EXPECT_TRUE(check_zone_text(with({.name = name, .type = "A", .data = {"192.0.2.1"}}))) << name;
  }
}

// A zone file would read a relative name as below the zone, but nsupdate as below the root.
TEST(ZoneText, NamesInDataAreAbsolute) {
  EXPECT_FALSE(check_zone_text(with({.name = "x", .type = "MX", .data = {"10 mail"}})));
  EXPECT_TRUE(check_zone_text(with({.name = "x", .type = "MX", .data = {"10 mail.a.test."}})));
}

TEST(ZoneText, TheErrorNamesZoneAndValue) {
  const auto refused = check_zone_text(with({.name = "x", .type = "TXT", .data = {"a ; b"}}));
  EXPECT_THAT(refused.error().message, HasSubstr("a.test"));
  EXPECT_THAT(refused.error().message, HasSubstr("a ; b"));
}

TEST(ZoneUpdate, OneRrsetThatChangesIsDeletedAndAdded) {
  std::vector<Rrset> after = zone().rrsets;
  after[2].data = {"192.0.2.2", "192.0.2.3"};
  EXPECT_THAT(update_lines("a.test", zone().rrsets, after, kSoa),
              ElementsAre("update add a.test. 3600 IN SOA ns1.a.test. admin.a.test. 6 3600 900 "
                          "1209600 300",
                          "update delete www.a.test. A", "update add www.a.test. 60 IN A 192.0.2.2",
                          "update add www.a.test. 60 IN A 192.0.2.3"));
}

TEST(ZoneUpdate, AnAliasTakesThePlaceOfAnAddress) {
  std::vector<Rrset> after = zone().rrsets;
  after[2] = {.name = "www", .type = "CNAME", .ttl = 60, .data = {"ns1.a.test."}};
  EXPECT_THAT(
      update_lines("a.test", zone().rrsets, after, kSoa),
      ElementsAre(HasSubstr("SOA"), "update delete www.a.test. CNAME",
                  "update delete www.a.test. A", "update add www.a.test. 60 IN CNAME ns1.a.test."));
}

// RFC 2136 section 3.4.2.3: a deletion of all of them would be ignored.
TEST(ZoneUpdate, TheLastNameServerIsReplacedByAddingFirst) {
  std::vector<Rrset> after = zone().rrsets;
  after[0].data = {"NS1.a.test.", "ns2.a.test."};
  EXPECT_THAT(update_lines("a.test", zone().rrsets, after, kSoa),
              ElementsAre(HasSubstr("SOA"), "update add a.test. 3600 IN NS NS1.a.test.",
                          "update add a.test. 3600 IN NS ns2.a.test."));
  after[0].data = {"ns2.a.test."};
  EXPECT_THAT(update_lines("a.test", zone().rrsets, after, kSoa),
              ElementsAre(HasSubstr("SOA"), "update add a.test. 3600 IN NS ns2.a.test.",
                          "update delete a.test. NS ns1.a.test."));
}

TEST(ZoneUpdate, NothingChangedIsOnlyTheSoa) {
  EXPECT_THAT(update_lines("a.test", zone().rrsets, zone().rrsets, kSoa), SizeIs(1));
}

TEST(ZoneRead, WhatDigPrints) {
  const auto records = parse_records(
      "; a comment\n"
      "a.test.\t\t3600\tIN\tSOA\tns1.a.test. admin.a.test. 5 3600 900 1209600 300\n"
      "A.test.\t3600\tIN\tNS\tNS1.a.test.\n"
      "a.test. 3600 IN RRSIG SOA 13 2 3600 20270101000000 20261201000000 1 a.test. xx==\n"
      "x.a.test. 60 IN TXT \"two  blanks\" \"b\"\n"
      "x.a.test. 60 IN TXT \"a\"\n"
      "a.test.\t\t3600\tIN\tSOA\tns1.a.test. admin.a.test. 5 3600 900 1209600 300\n",
      "a.test");
  ASSERT_TRUE(records) << describe(records.error());
  EXPECT_EQ(records->soa.serial, 5U);
  EXPECT_EQ(records->soa.timers, "3600 900 1209600 300");
  EXPECT_EQ(
      records->rrsets,
      (std::vector<Rrset>{
          {.name = "@", .type = "NS", .ttl = 3600, .data = {"ns1.a.test."}},
          {.name = "x", .type = "TXT", .ttl = 60, .data = {"\"a\"", "\"two  blanks\" \"b\""}}}));
}

TEST(ZoneRead, TextThatLacksItsBeginIsRefused) {
  EXPECT_FALSE(parse_records("x.a.test. 60 IN A 192.0.2.1\n", "a.test"));
  EXPECT_FALSE(parse_records("; Transfer failed.\n", "a.test"));
}

TEST(ZoneDifferences, EachIsASentence) {
  const ZoneRecords served{kSoa,
                           {{.name = "a", .type = "A", .ttl = 60, .data = {"192.0.2.1"}},
                            {.name = "b", .type = "A", .ttl = 60, .data = {"192.0.2.1"}}}};
  ZoneRecords wanted{kSoa,
                     {{.name = "a", .type = "A", .ttl = 60, .data = {"192.0.2.9"}},
                      {.name = "c", .type = "A", .ttl = 60, .data = {"192.0.2.1"}}}};
  EXPECT_THAT(differences(served, served), IsEmpty());
  EXPECT_THAT(
      differences(served, wanted),
      ElementsAre("a A is TTL 60, 192.0.2.1; it must be TTL 60, 192.0.2.9",
                  "c A is missing: TTL 60, 192.0.2.1", "b A must not be there: TTL 60, 192.0.2.1"));
  wanted.soa.serial = 7;
  EXPECT_THAT(differences(served, wanted), SizeIs(4));
}

TEST(ZoneProof, WhatAnotherRecordAnswersForIsNotAsked) {
  const std::vector<Rrset> after{{.name = "@", .type = "NS", .data = {"ns1.a.test."}},
                                 {.name = "host.child", .type = "A", .data = {"192.0.2.1"}},
                                 {.name = "child", .type = "NS", .data = {"ns.child.a.test."}},
                                 {.name = "grandchild", .type = "A", .data = {"192.0.2.1"}}};
  const std::vector<Rrset> gone{{.name = "old", .type = "A", .data = {}}};
  EXPECT_THAT(provable(after, after, 10), ElementsAre(after[0], after[3]));
  EXPECT_THAT(provable(after, after, 1), SizeIs(1));
  EXPECT_THAT(provable(gone, after, 10), SizeIs(1));
  std::vector<Rrset> with_wildcard = after;
  with_wildcard.push_back({.name = "*", .type = "A", .data = {"192.0.2.1"}});
  EXPECT_THAT(provable(gone, with_wildcard, 10), IsEmpty());
}

// RFC 1982 section 3.2.
TEST(ZoneSerial, GoesAround) {
  EXPECT_TRUE(serial_is_after(2, 1));
  EXPECT_FALSE(serial_is_after(1, 1));
  EXPECT_FALSE(serial_is_after(1, 2));
  EXPECT_TRUE(serial_is_after(0, 0xffffffffU));
  EXPECT_FALSE(serial_is_after(0x80000000U, 0));
}

}  // namespace
}  // namespace podplay::daemons
