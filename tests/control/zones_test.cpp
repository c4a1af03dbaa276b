// The serial of a zone grows with its content, and a zone that is made again goes on above it.
#include "control/zones.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/domains.hpp"

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

TEST(Serials, GrowByRfc1982) {
  const WallTime at = from_millis(1'800'000'000'000);
  EXPECT_EQ(next_serial(1, at), 1'800'000'000U);
  EXPECT_EQ(next_serial(1'800'000'000U, at), 1'800'000'001U) << "twice in one second";
  EXPECT_EQ(next_serial(4'294'967'295U, from_millis(0)), 0U) << "the circle is closed";
}

}  // namespace
}  // namespace podplay::control
