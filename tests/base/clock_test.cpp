// Times as text and as numbers.
#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_rfc3339(from_millis(1769860800123)), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(to_millis(from_millis(-1)), -1);
}

TEST(Clock, ReadsRfc3339) {
  const auto read = [](std::string_view text) {
    const auto time = parse_rfc3339(text);
    return time ? to_rfc3339(*time) : "wrong";
  };
  EXPECT_EQ(read("2026-01-31T12:00:00.123Z"), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(read("2021-01-03T00:00:00Z"), "2021-01-03T00:00:00.000Z");
  EXPECT_EQ(read("2026-01-01T00:30:00.5+01:00"), "2025-12-31T23:30:00.500Z");
  EXPECT_EQ(read("2026-01-31t12:00:00.123456789-00:30"), "2026-01-31T12:30:00.123Z");
  EXPECT_EQ(read("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  for (const char* wrong :
       {"", "2026-01-31", "2026-02-30T00:00:00Z", "2026-01-31T12:00:00", "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00Zx", "2026-01-31 12:00:00Z",
        "-026-01-31T1:00:00Z"}) {
    EXPECT_EQ(read(wrong), "wrong") << wrong;
  }
}

TEST(Clock, ReadsDatesOfHttp) {
  EXPECT_EQ(to_rfc3339(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value()),
            "1994-11-06T08:49:37.000Z");
  for (const char* wrong : {"", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT",
                            "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace podplay
