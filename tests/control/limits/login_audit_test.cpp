// Failed tries in the audit: counted, and never more rows than a few hundred a minute.
#include "control/limits/login_audit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "control/audit.hpp"
#include "control/control_test.hpp"
#include "control/identity/login.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

const WallTime kNow = from_millis(1'800'000'000'000);

LoginEvent failed(const std::string& account, const std::string& door = "imap") {
  return {.seq = 1,
          .at = kNow,
          .kind = LoginEventKind::failed,
          .account = account,
          .address = "192.0.2.1",
          .door = door};
}

TEST(LoginCounterTest, TheFirstIsARowAtOnceAndTheRestAreOneRowAMinute) {
  LoginCounter counter;
  const std::vector<LoginEvent> three(3, failed("ann@a.test"));
  auto rows = counter.take(three, kNow);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].event, "LOGIN_FAILED");
  EXPECT_EQ(rows[0].subject, "ann@a.test");
  EXPECT_EQ(rows[0].door, "imap");
  EXPECT_EQ(rows[0].count, 1);
  EXPECT_TRUE(counter.take(three, kNow + seconds(30)).empty());
  rows = counter.take({}, kNow + seconds(60));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].count, 5);
  EXPECT_TRUE(counter.take({}, kNow + seconds(300)).empty());
  EXPECT_EQ(counter.take({failed("ann@a.test")}, kNow + seconds(301)).size(), 1U);
}

TEST(LoginCounterTest, DoorsAndEventsAreCountedApart) {
  LoginCounter counter;
  LoginEvent refused = failed("ann@a.test");
  refused.kind = LoginEventKind::refused;
  refused.count = 7;
  const auto rows =
      counter.take({failed("ann@a.test"), failed("ann@a.test", "http"), refused}, kNow);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].event, "LOGIN_REFUSED");
  EXPECT_EQ(rows[2].count, 7);
}

TEST(LoginCounterTest, GuessingCannotFillTheStore) {
  LoginCounter counter;
  std::size_t rows = 0;
  std::int64_t tries = 0;
  for (int second = 0; second < 120; ++second) {
    std::vector<LoginEvent> events;
    for (int i = 0; i < 1000; ++i) {
      events.push_back(failed(fmt::format("guess{}-{}@a.test", second, i)));
    }
    for (const store::AuditRow& row : counter.take(events, kNow + seconds(second))) {
      ++rows;
      tries += row.count;
    }
  }
  for (const store::AuditRow& row : counter.take({}, kNow + seconds(300))) {
    tries += row.count;
  }
  EXPECT_LT(rows, 800U);
  EXPECT_EQ(tries, 120'000);
}

class LoginAuditTest : public test::ControlTest {};

TEST_F(LoginAuditTest, AFailedLoginIsInTheAuditAfterATurn) {
  LoginAudit audit(context);
  EXPECT_FALSE(login(context, "admin@example.test", Secret("wrong password"), {}, stranger));
  audit.turn(milliseconds(0));
  const auto events = list_audit(context, 0, 10);
  ASSERT_TRUE(events);
  const auto& newest = events->front();
  EXPECT_EQ(newest.event, "LOGIN_FAILED");
  EXPECT_EQ(newest.actor, "admin@example.test");
  EXPECT_EQ(newest.door, "http");
  EXPECT_EQ(newest.count, 1);
  EXPECT_EQ(newest.remote_address, "127.0.0.1");
}

}  // namespace
}  // namespace podplay::control
