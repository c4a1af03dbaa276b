// Ranges of addresses, of both families.
#include "model/address_range.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

AddressRange range(const std::string& text) { return AddressRange::parse(text).value(); }

TEST(AddressRange, ContainsWhatBeginsWithItsPrefix) {
  EXPECT_TRUE(range("192.0.2.7").contains("192.0.2.7"));
  EXPECT_FALSE(range("192.0.2.7").contains("192.0.2.8"));
  EXPECT_TRUE(range("192.0.2.0/24").contains("192.0.2.255"));
  EXPECT_FALSE(range("192.0.2.0/24").contains("192.0.3.0"));
  EXPECT_TRUE(range("192.0.2.128/25").contains("192.0.2.200"));
  EXPECT_FALSE(range("192.0.2.128/25").contains("192.0.2.127"));
  EXPECT_TRUE(range("2001:db8::/32").contains("2001:db8:ffff::1"));
  EXPECT_FALSE(range("2001:db8::/32").contains("2001:db9::1"));
  EXPECT_TRUE(range("0.0.0.0/0").contains("198.51.100.1"));
  EXPECT_FALSE(range("0.0.0.0/0").contains("2001:db8::1")) << "IPv4 is not all";
  EXPECT_TRUE(range("::/0").contains("198.51.100.1"));
}

TEST(AddressRange, AMappedAddressIsTheSame) {
  EXPECT_TRUE(range("192.0.2.0/24").contains("::ffff:192.0.2.1"));
  EXPECT_EQ(range("::ffff:192.0.2.1").text(), "192.0.2.1");
}

TEST(AddressRange, BitsBehindThePrefixAreNotKept) {
  EXPECT_EQ(range("192.0.2.77/24").text(), "192.0.2.0/24");
  EXPECT_EQ(range("2001:DB8:1::1/32").text(), "2001:db8::/32");
}

TEST(AddressRange, LiesWithinAnother) {
  EXPECT_TRUE(range("192.0.2.7").is_within(range("192.0.2.0/24")));
  EXPECT_TRUE(range("192.0.2.0/24").is_within(range("192.0.2.0/24")));
  EXPECT_FALSE(range("192.0.2.0/23").is_within(range("192.0.2.0/24")));
  EXPECT_FALSE(range("198.51.100.0/25").is_within(range("192.0.2.0/24")));
}

TEST(AddressRange, OtherTextsAreRefused) {
  for (const char* text :
       {"", "192.0.2", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "/24", "192.0.2.0/-1",
        "192.0.2.0/2 4", "example.com", "192.0.2.1 ", "192.0.2.0/24/8"}) {
    const auto refused = AddressRange::parse(text, "networks");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().faults.at(0).field, "networks");
  }
  EXPECT_FALSE(range("192.0.2.0/24").contains("no address"));
  EXPECT_FALSE(range("::/0").contains(""));
}

}  // namespace
}  // namespace podplay
