// How much an account may send within an hour.
#include "guard/outbound.hpp"

#include <gtest/gtest.h>

#include "guard/hand_clock.hpp"

namespace podplay::guard {
namespace {

using namespace std::chrono;

class OutboundTest : public testing::Test {
 protected:
  HandClock clock;
  OutboundLimiter outbound{clock, {.hourly_messages = 3, .hourly_recipients = 10}};
};

TEST_F(OutboundTest, MessagesOfAnHourAreLimitedForEachAccount) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(outbound.take("ann@a.test", 1));
  }
  clock.wall += minutes(30);
  const auto refusal = outbound.take("ANN@a.test", 1);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->words(),
            "this account may send 3 messages an hour; send again after 09:00:00 UTC");
  EXPECT_FALSE(outbound.take("bob@a.test", 1));
  clock.wall += minutes(30);
  EXPECT_FALSE(outbound.take("ann@a.test", 1));
}

TEST_F(OutboundTest, RecipientsAreLimitedAndARefusedMessageCountsNothing) {
  EXPECT_FALSE(outbound.take("ann@a.test", 6));
  EXPECT_EQ(outbound.take("ann@a.test", 5)->of, "recipients");
  EXPECT_FALSE(outbound.take("ann@a.test", 4));
}

TEST_F(OutboundTest, ZeroIsNoLimit) {
  outbound.use_rules({.hourly_messages = 0, .hourly_recipients = 0});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(outbound.take("ann@a.test", 100));
  }
}

TEST_F(OutboundTest, TheHourOutlivesTheProgram) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(outbound.take("ann@a.test", 1));
  }
  OutboundLimiter fresh{clock, {.hourly_messages = 3, .hourly_recipients = 10}};
  fresh.restore(outbound.sent());
  EXPECT_TRUE(fresh.take("ann@a.test", 1));
}

TEST_F(OutboundTest, AClockThatIsSetBackBeginsANewHour) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(outbound.take("ann@a.test", 1));
  }
  clock.wall -= hours(24);
  EXPECT_FALSE(outbound.take("ann@a.test", 1));
}

}  // namespace
}  // namespace podplay::guard
