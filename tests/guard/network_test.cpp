// Which addresses stand for one client, for a network, or for nobody.
#include "guard/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace podplay::guard {
namespace {

TEST(NetworkTest, AnAddressOfIPv6StandsForItsNetwork) {
  EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:3::9"), "2001:db8:1:3::/64");
  EXPECT_EQ(network_of("fe80::1%eth0"), "fe80::/64");
  for (const char* wrong : {"", "nonsense", "192.0.2", "1.2.3.4.5", "192.0.2.7 "}) {
    EXPECT_EQ(network_of(wrong), "") << wrong;
  }
}

TEST(NetworkTest, AnAddressThatHidesItsClientsStandsForNobody) {
  const SharedAddresses shared({"10.89.0.1", "2001:db8:1:2::1"});
  EXPECT_EQ(shared.network_of_one("10.89.0.1"), "");
  EXPECT_EQ(shared.network_of_one("::ffff:10.89.0.1"), "");
  EXPECT_EQ(shared.network_of_one("2001:db8:1:2::1"), "");
  EXPECT_EQ(shared.network_of_one("127.0.0.1"), "");
  EXPECT_EQ(shared.network_of_one("127.1.2.3"), "");
  EXPECT_EQ(shared.network_of_one("::1"), "");
  EXPECT_EQ(shared.network_of_one(""), "");
  EXPECT_EQ(shared.network_of_one("192.0.2.7"), "192.0.2.7");
}

TEST(NetworkTest, TheSystemsOwnAddressesAreFound) {
  // Every machine has loopback at least.
  const auto found = forwarding_addresses();
  EXPECT_NE(std::ranges::find(found, "127.0.0.1"), found.end());
}

}  // namespace
}  // namespace podplay::guard
