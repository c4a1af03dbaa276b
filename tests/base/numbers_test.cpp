// A whole number is all of the text, or nothing is read.
#include "base/numbers.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Numbers, AreAllOfTheTextOrNothing) {
  EXPECT_EQ(parse_number<int>("25"), 25);
  EXPECT_EQ(parse_number<int>("-25"), -25);
  EXPECT_EQ(parse_number<int>("0x1f"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("1f", 16), 31U);
  for (const std::string_view bad : {"", " 25", "25 ", "+25", "2.5", "25a", "-"}) {
    EXPECT_EQ(parse_number<int>(bad), std::nullopt) << bad;
  }
}

TEST(Numbers, ThatDoNotFitAreNone) {
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_number<std::uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint16_t>("-1"), std::nullopt);
  EXPECT_EQ(parse_number<std::int64_t>("9223372036854775808"), std::nullopt);
}

TEST(Numbers, SizesAreBytesWithAUnit) {
  EXPECT_EQ(parse_bytes("500M").value(), 524288000);
  EXPECT_EQ(parse_bytes("0").value(), 0);
  EXPECT_FALSE(parse_bytes("-1"));
  EXPECT_FALSE(parse_bytes("9999999999T"));
  EXPECT_FALSE(parse_bytes(""));
}

}  // namespace
}  // namespace podplay
