// Zones in a real named: they are added, changed and removed as rows, and survive restarts of named
// and of the agent. PODPLAY_ZONES=5000 makes the last test a measurement.
#include "daemons/bind_zones.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "contract/named_server.hpp"
#include "net/dns.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ZoneContent zone(const std::string& name, std::uint32_t serial = 5) {
  return {.name = name,
          .serial = serial,
          .primary = "ns1." + name,
          .contact = "ad\\.min." + name,
          .rrsets = {{.name = "@", .type = "MX", .ttl = 3600, .data = {"10 mail." + name + "."}},
                     {.name = "@", .type = "NS", .ttl = 3600, .data = {"ns1." + name + "."}},
                     {.name = "@", .type = "TXT", .ttl = 3600, .data = {"\"v=spf1 mx -all\""}},
                     {.name = "mail", .type = "A", .ttl = 3600, .data = {"192.0.2.1"}},
                     {.name = "ns1", .type = "A", .ttl = 3600, .data = {"192.0.2.1"}},
                     {.name = "www", .type = "A", .ttl = 3600, .data = {"192.0.2.1"}}}};
}

Rrset& rrset_of(ZoneContent& content, const std::string& name, const std::string& type) {
  for (Rrset& rrset : content.rrsets) {
    if (rrset.name == name && rrset.type == type) {
      return rrset;
    }
  }
  return content.rrsets.emplace_back(Rrset{.name = name, .type = type, .ttl = 3600, .data = {}});
}

class BindZones : public testing::Test {
 protected:
  BindZones()
      : templates_(*TemplateSet::load(files_, "services/bind/rootfs", "/nonexistent")),
        keeper_(files_, runner_, nullptr, templates_, named_.options(), silent_logger()) {}

  std::vector<std::string> ask(const std::string& name, const std::string& type) {
    const auto answer = net::dns_query("127.0.0.1", named_.dns_port(), name, type, true, 2s);
    EXPECT_TRUE(answer) << describe(answer.error());
    return answer ? answer->data : std::vector<std::string>{};
  }
  void expect_put(const ZoneContent& wanted, const ZoneContent* before) {
    const Status put = keeper_.put(wanted, before);
    EXPECT_TRUE(put) << describe(put.error());
  }
  std::optional<std::uint32_t> serial_of(const std::string& name) {
    const auto serial = keeper_.serial_of(name);
    EXPECT_TRUE(serial) << describe(serial.error());
    return serial.value_or(std::nullopt);
  }
  std::vector<std::string> compare(const ZoneContent& wanted) {
    const auto found = keeper_.compare(wanted);
    EXPECT_TRUE(found) << describe(found.error());
    return found.value_or(std::vector<std::string>{"no comparison"});
  }
  // The files whose names begin with the zone's.
  int files_of(const std::string& name) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(named_.options().folder)) {
      count += entry.path().filename().string().starts_with(name + ".zone");
    }
    return count;
  }

  test::NamedServer named_;
  RealFiles files_;
  ProcessRunner runner_{silent_logger(), false};
  TemplateSet templates_;
  ZoneKeeper keeper_;
};

TEST_F(BindZones, IsAddedChangedAndRemoved) {
  const ZoneContent first = zone("a.test");
  EXPECT_EQ(serial_of("a.test"), std::nullopt);
  expect_put(first, nullptr);
  EXPECT_EQ(serial_of("a.test"), 5U);
  EXPECT_THAT(compare(first), IsEmpty());

  ZoneContent second = zone("a.test", 6);
  rrset_of(second, "www", "A") = {
      .name = "www", .type = "A", .ttl = 60, .data = {"192.0.2.2", "192.0.2.3"}};
  std::erase_if(second.rrsets, [](const Rrset& rrset) { return rrset.type == "TXT"; });
  expect_put(second, &first);
  EXPECT_EQ(serial_of("a.test"), 6U);
  EXPECT_THAT(ask("www.a.test", "A"), testing::UnorderedElementsAre("192.0.2.2", "192.0.2.3"));
  EXPECT_THAT(ask("a.test", "TXT"), IsEmpty());
  EXPECT_THAT(compare(second), IsEmpty());
  expect_put(second, &second);

  ASSERT_TRUE(keeper_.remove("a.test"));
  EXPECT_EQ(serial_of("a.test"), std::nullopt);
  EXPECT_EQ(files_of("a.test"), 0);
  EXPECT_TRUE(keeper_.remove("a.test")) << "again is fine";
}

// An nsupdate that was idle has a connection that nobody listens to any more.
TEST_F(BindZones, AnUpdateAfterAPauseIsAsQuick) {
  expect_put(zone("a.test"), nullptr);
  std::uint32_t serial = 5;
  for (const seconds pause : {0s, 7s}) {
    std::this_thread::sleep_for(pause);
    ZoneContent next = zone("a.test", ++serial);
    rrset_of(next, "www", "A").data = {fmt::format("192.0.2.{}", serial)};
    const auto began = steady_clock::now();
    expect_put(next, nullptr);
    EXPECT_LT(steady_clock::now() - began, 2s) << "after a pause of " << pause.count() << " s";
  }
}

TEST_F(BindZones, EveryTypeComesBackAsItWasGiven) {
  ZoneContent first = zone("a.test");
  expect_put(first, nullptr);
  ZoneContent second = zone("a.test", 6);
  const std::string long_text(255, 'x');
  const std::vector<std::tuple<const char*, const char*, std::string>> records{
      {"t", "AAAA", "2001:db8::1"},
      {"t", "CAA", "0 issue \"ca.test\""},
      {"alias", "CNAME", "www.a.test."},
      {"child", "DS",
       "12345 13 2 "
       "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"},
      {"child", "NS", "ns.child.a.test."},
      {"ns.child", "A", "192.0.2.9"},
      {"t", "HTTPS", "1 . alpn=\"h2\""},
      {"t", "LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
      {"t", "NAPTR", "10 20 \"u\" \"E2U+sip\" \"!^.*$!sip:x@a.test!\" ."},
      {"t", "PTR", "www.a.test."},
      {"_sip._tcp", "SRV", "0 1 5060 www.a.test."},
      {"t", "SSHFP", "1 1 0123456789ABCDEF0123456789ABCDEF01234567"},
      {"t", "SVCB", "1 www.a.test. port=8443"},
      {"_443._tcp", "TLSA",
       "3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"},
      {"t", "TXT", "\"" + long_text + "\" \"a;b (c) \\\"d\\\"  e\""},
      {"t", "TYPE65280", "\\# 4 0A000001"},
      {"*", "A", "192.0.2.7"}};
  for (const auto& [name, type, data] : records) {
    rrset_of(second, name, type).data.push_back(data);
  }
  // The same content comes once as a change, and once as a new zone.
  expect_put(second, &first);
  EXPECT_THAT(compare(second), IsEmpty());
  second.serial = 7;
  ASSERT_TRUE(keeper_.replace(second));
  EXPECT_THAT(compare(second), IsEmpty());
}

TEST_F(BindZones, AnAliasAndANameServerTakeAnothersPlace) {
  const ZoneContent first = zone("a.test");
  expect_put(first, nullptr);
  ZoneContent second = zone("a.test", 6);
  rrset_of(second, "www", "A") = {
      .name = "www", .type = "CNAME", .ttl = 60, .data = {"mail.a.test."}};
  rrset_of(second, "@", "NS").data = {"mail.a.test."};
  second.primary = "mail.a.test";
  expect_put(second, &first);
  EXPECT_THAT(compare(second), IsEmpty());
  ZoneContent third = first;
  third.serial = 7;
  expect_put(third, &second);
  EXPECT_THAT(compare(third), IsEmpty());
}

// named serves something else than was recorded, or nothing was recorded.
TEST_F(BindZones, DriftIsNamedAndMended) {
  const ZoneContent first = zone("a.test");
  expect_put(first, nullptr);
  ZoneContent other = zone("a.test", 9);
  rrset_of(other, "www", "A").data = {"192.0.2.66"};
  rrset_of(other, "extra", "TXT").data = {"\"x\""};
  expect_put(other, &first);
  ZoneContent wanted = zone("a.test", 10);
  EXPECT_THAT(compare(wanted), Contains(HasSubstr("extra TXT must not be there")));
  EXPECT_THAT(compare(wanted), Contains(HasSubstr("www A is TTL 3600, 192.0.2.66")));
  expect_put(wanted, &first);
  EXPECT_THAT(compare(wanted), IsEmpty());
  expect_put(wanted, nullptr);
  wanted.serial = 11;
  expect_put(wanted, nullptr);
  EXPECT_EQ(serial_of("a.test"), 11U);
}

TEST_F(BindZones, ASerialThatGoesBackwardsIsNotHidden) {
  const ZoneContent first = zone("a.test", 9);
  expect_put(first, nullptr);
  ZoneContent before = zone("a.test", 4);
  rrset_of(before, "www", "A").data = {"192.0.2.66"};
  const Status put = keeper_.put(before, &first);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, "zone_serial");
  EXPECT_THAT(ask("www.a.test", "A"), ElementsAre("192.0.2.1"));
  ASSERT_TRUE(keeper_.replace(before));
  EXPECT_EQ(serial_of("a.test"), 4U);
  EXPECT_THAT(compare(before), IsEmpty());
}

TEST_F(BindZones, WhatNamedRefusesConcernsThatZoneOnly) {
  ZoneContent bad = zone("bad.test");
  rrset_of(bad, "www", "A").data = {"300.0.0.1"};
  const Status added = keeper_.put(bad, nullptr);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::refused);
  EXPECT_THAT(added.error().message, HasSubstr("bad dotted quad"));
  EXPECT_EQ(files_of("bad.test"), 0);
  EXPECT_EQ(serial_of("bad.test"), std::nullopt);

  const ZoneContent good = zone("a.test");
  expect_put(good, nullptr);
  ZoneContent worse = zone("a.test", 6);
  rrset_of(worse, "mail", "A").data = {"192.0.2.5"};
  rrset_of(worse, "www", "A").data = {"300.0.0.1"};
  const Status changed = keeper_.put(worse, &good);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::refused);
  EXPECT_THAT(changed.error().message, HasSubstr("bad dotted quad"));
  EXPECT_THAT(compare(good), IsEmpty()) << "all of it or nothing";
  // named silently leaves out records beside a CNAME.
  ZoneContent beside = zone("a.test", 6);
  rrset_of(beside, "www", "CNAME").data = {"mail.a.test."};
  EXPECT_FALSE(keeper_.put(beside, &good));
  ZoneContent fine = zone("a.test", 7);
  expect_put(fine, nullptr);
  EXPECT_THAT(compare(fine), IsEmpty());
}

TEST_F(BindZones, KillsOfNamedLoseNothing) {
  ZoneContent content = zone("a.test");
  expect_put(content, nullptr);
  expect_put(zone("b.test"), nullptr);
  for (std::uint32_t serial = 6; serial < 9; ++serial) {
    ZoneContent next = zone("a.test", serial);
    rrset_of(next, "www", "A").data = {fmt::format("192.0.2.{}", serial)};
    expect_put(next, &content);
    content = next;
    named_.restart(SIGKILL);
    EXPECT_THAT(compare(content), IsEmpty());
  }
  ASSERT_TRUE(keeper_.remove("b.test"));
  named_.restart(SIGKILL);
  EXPECT_EQ(serial_of("b.test"), std::nullopt);
  EXPECT_EQ(serial_of("a.test"), 8U);
  // A graceful end writes journals into zone files.
  named_.restart(SIGTERM);
  EXPECT_THAT(compare(content), IsEmpty());
}

// named deletes a zone's entry a moment after it said that the zone is gone.
TEST_F(BindZones, AddedAgainAtOnceItOutlivesARestart) {
  for (std::uint32_t serial = 1; serial <= 20; ++serial) {
    ASSERT_TRUE(keeper_.replace(zone("a.test", serial)));
  }
  named_.restart(SIGKILL);
  EXPECT_EQ(serial_of("a.test"), 20U);
}

TEST_F(BindZones, AZoneWhoseFileIsLostIsMadeAnew) {
  const ZoneContent content = zone("a.test");
  expect_put(content, nullptr);
  std::filesystem::remove(named_.zone_file("a.test"));
  named_.restart(SIGKILL);
  EXPECT_EQ(serial_of("a.test"), std::nullopt);
  expect_put(content, &content);
  EXPECT_THAT(compare(content), IsEmpty());
  std::filesystem::remove(named_.zone_file("a.test"));
  named_.restart(SIGKILL);
  ASSERT_TRUE(keeper_.remove("a.test"));
  named_.restart(SIGKILL);
  EXPECT_EQ(files_of("a.test"), 0);
}

// The state that a kill between writing the file and addzone leaves, with an old journal.
TEST_F(BindZones, LeftoversOfAnEarlierLifeAreNotRead) {
  ASSERT_TRUE(files_.write_atomic(named_.zone_file("a.test"), "half a zo", 0644, {}));
  ASSERT_TRUE(files_.write_atomic(named_.zone_file("a.test") + ".jnl", "half a journal", 0644, {}));
  expect_put(zone("a.test"), nullptr);
  EXPECT_THAT(compare(zone("a.test")), IsEmpty());
}

TEST_F(BindZones, AChangeLargerThanAMessageIsMadeAllTheSame) {
  const ZoneContent first = zone("a.test");
  expect_put(first, nullptr);
  ZoneContent second = zone("a.test", 6);
  for (int i = 0; i < 3000; ++i) {
    rrset_of(second, fmt::format("host{}", i), "A").data = {
        fmt::format("10.0.{}.{}", i / 250, i % 250)};
  }
  expect_put(second, &first);
  EXPECT_THAT(compare(second), IsEmpty());
}

TEST_F(BindZones, NobodyElseTransfersOrUpdates) {
  expect_put(zone("a.test"), nullptr);
  const std::string server = fmt::format("@127.0.0.1");
  const auto transfer =
      runner_.run({.argv = {"/usr/bin/dig", "-r", server, "-p", std::to_string(named_.dns_port()),
                            "a.test", "AXFR"}});
  ASSERT_TRUE(transfer);
  EXPECT_THAT(transfer->out, HasSubstr("Transfer failed"));
  const auto update = runner_.run(
      {.argv = {"/usr/bin/nsupdate", "-v"},
       .input = fmt::format("server 127.0.0.1 {}\nzone a.test.\nupdate add x.a.test. 60 IN A "
                            "192.0.2.1\nsend\n",
                            named_.dns_port())});
  ASSERT_TRUE(update);
  EXPECT_THAT(update->words(), HasSubstr("REFUSED"));
}

// A parent's wildcard alias answers for the removed child with the parent's SOA behind it.
TEST_F(BindZones, ARemovedChildOfAServedZoneIsGone) {
  ZoneContent parent = zone("a.test");
  rrset_of(parent, "*", "CNAME").data = {"a.test."};
  expect_put(parent, nullptr);
  expect_put(zone("sub.a.test"), nullptr);
  EXPECT_EQ(serial_of("sub.a.test"), 5U);
  ASSERT_TRUE(keeper_.remove("sub.a.test"));
  EXPECT_EQ(serial_of("sub.a.test"), std::nullopt);
}

TEST_F(BindZones, OneMoreCostsTheSameWithMany) {
  const char* asked = std::getenv("PODPLAY_ZONES");
  const int most = asked == nullptr ? 100 : std::atoi(asked);
  const auto milliseconds_of = [](auto&& work) {
    const auto began = steady_clock::now();
    work();
    return duration<double, std::milli>(steady_clock::now() - began).count();
  };
  const auto median = [](std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  };
  std::vector<double> adds;
  for (int i = 0; i < most; ++i) {
    const ZoneContent content = zone(fmt::format("z{}.test", i));
    adds.push_back(milliseconds_of([&] { expect_put(content, nullptr); }));
    const int count = i + 1;
    if (count != 10 && count != 1000 && count != most) {
      continue;
    }
    std::vector<double> updates;
    std::vector<double> unknown;
    for (int k = 0; k < 20; ++k) {
      const std::string name = fmt::format("z{}.test", (i / 20) * k);
      const auto serial = serial_of(name);
      const ZoneContent before = zone(name, serial.value());
      ZoneContent after = zone(name, *serial + 1);
      updates.push_back(milliseconds_of([&] { expect_put(after, &before); }));
      ++after.serial;
      unknown.push_back(milliseconds_of([&] { expect_put(after, nullptr); }));
    }
    const std::size_t last = std::min<std::size_t>(adds.size(), 50);
    fmt::print(
        "{} zones: add {:.1f} ms, update {:.1f} ms, update of an unknown one {:.1f} ms, {}\n",
        count, median({adds.end() - static_cast<std::ptrdiff_t>(last), adds.end()}),
        median(updates), median(unknown), named_.memory());
  }
  const double restart = milliseconds_of([&] { named_.restart(SIGKILL); });
  EXPECT_EQ(serial_of(fmt::format("z{}.test", most - 1)).has_value(), true);
  fmt::print("a restart takes {:.0f} ms, {}\n", restart, named_.memory());
}

}  // namespace
}  // namespace podplay::daemons
