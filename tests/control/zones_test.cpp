// The serial of a zone grows with its content, and a zone that is made again goes on above it.
#include "control/zones.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "store/feed.hpp"

namespace podplay::control {
namespace {

class ZonesTest : public test::ControlTest {
 protected:
  std::uint32_t serial(const std::string& zone) {
    return std::get<ZoneRow>(rows_of(ServiceName::bind, RowKind::zone).at(zone)).serial;
  }
};

TEST_F(ZonesTest, ASerialGrowsWithTheContentAndOnlyThen) {
  const std::uint32_t first = serial("example.test");
  ASSERT_TRUE(create_domain(context, admin, "other.test", true, {}));
  EXPECT_EQ(serial("example.test"), first);
  ASSERT_TRUE(write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
    Zone zone = make_zone("example.test", zone_facts(context));
    put_zone(change, zone);
    zone.records.push_back({.name = "new", .type = "A", .data = "192.0.2.9"});
    put_zone(change, zone);
    change.finish("TEST", "zone", "change a zone");
    return {};
  }));
  EXPECT_GT(serial("example.test"), first);
  EXPECT_TRUE(rows_of(ServiceName::bind, RowKind::rrset).contains("example.test new A"));
}

TEST_F(ZonesTest, AZoneThatIsMadeAgainGoesOnAboveItsSerial) {
  ASSERT_TRUE(create_domain(context, admin, "again.test", true, {}));
  const std::uint32_t first = serial("again.test");
  ASSERT_TRUE(delete_domain(context, admin, "again.test", {}));
  ASSERT_TRUE(create_domain(context, admin, "again.test", true, {}));
  EXPECT_GT(serial("again.test"), first);
}

// field_case_24
TEST_F(ZonesTest, FieldCase24AZoneGoesOnFromTheSerialOfItsOldServer) {
  const std::uint32_t first = serial("example.test");
  const std::uint32_t old_server = first + 230'000'000;
  const auto set = set_zone_serial(context, admin, "example.test", old_server, {});
  ASSERT_TRUE(set) << describe(set.error());
  EXPECT_EQ(serial("example.test"), old_server);
  ASSERT_TRUE(update_domain(context, admin, "example.test", false, {}));
  ASSERT_TRUE(update_domain(context, admin, "example.test", true, {}));
  EXPECT_EQ(serial("example.test"), old_server + 1) << "it grows although time is behind it";
  for (const std::int64_t wrong : {std::int64_t{old_server} + 1, std::int64_t{first},
                                   std::int64_t{-1}, std::int64_t{1} << 32}) {
    const auto refused = set_zone_serial(context, admin, "example.test", wrong, {});
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().faults.at(0).field, "serial");
  }
  EXPECT_FALSE(set_zone_serial(context, admin, "nothing.test", old_server, {}));
}

// field_case_24
TEST_F(ZonesTest, FieldCase24ALostHistoryMayHaveServedLaterSerials) {
  const std::uint32_t ahead = serial("example.test") + 230'000'000;
  ASSERT_TRUE(set_zone_serial(context, admin, "example.test", ahead, {}));
  ASSERT_TRUE(write_change(context, Actor::system(), {}, [&](Change& change) -> Status {
    store::delete_feed(change.transaction());
    put_all_zones(change);
    change.finish("TEST", "zone", "begin again");
    return {};
  }));
  EXPECT_GT(serial("example.test"), ahead + 50'000);
}

TEST_F(ZonesTest, FieldCase24ADisabledDomainKeepsTheSerialForLater) {
  ASSERT_TRUE(update_domain(context, admin, "example.test", false, {}));
  ASSERT_TRUE(set_zone_serial(context, admin, "example.test", 3'000'000'000, {}));
  EXPECT_FALSE(rows_of(ServiceName::bind, RowKind::zone).contains("example.test"));
  ASSERT_TRUE(update_domain(context, admin, "example.test", true, {}));
  EXPECT_EQ(serial("example.test"), 3'000'000'001U);
}

TEST(Serials, GrowByRfc1982) {
  const WallTime at = from_millis(1'800'000'000'000);
  EXPECT_EQ(next_serial(1, at), 1'800'000'000U);
  EXPECT_EQ(next_serial(1'800'000'000U, at), 1'800'000'001U) << "twice in one second";
  EXPECT_EQ(next_serial(4'294'967'295U, from_millis(0)), 0U) << "the circle is closed";
}

}  // namespace
}  // namespace podplay::control
