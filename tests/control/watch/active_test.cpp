// Two control planes on one PostgreSQL: only the one with the agents watches and tells.
#include "control/watch/active.hpp"

#include <gtest/gtest.h>

#include "control/plane.hpp"
#include "control/watch/alerts/alerts.hpp"
#include "control/watch/alerts/watch.hpp"
#include "control/watch/health/health_watch.hpp"
#include "control/watch/health/history.hpp"
#include "store/postgresql_server.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

const test::PostgresqlServer& server() {
  static const test::PostgresqlServer one;
  return one;
}

class ActiveTest : public testing::Test {
 protected:
  // The store of each is its own here; only who is active is decided on PostgreSQL.
  static void report(test::Plane& plane) {
    plane.hub.seen({.agent = {.service = ServiceName::mail}, .state = "ready"});
  }
  // A second later, since they ask at most once a second.
  bool is_active(test::Plane& plane, ActiveOne& active) {
    plane.clock.moved += 1s;
    return active.is_active();
  }
  test::Plane first;
  test::Plane second;
};

TEST_F(ActiveTest, OnSqliteTheOnlyOneIsActive) {
  ActiveOne active(first.context(), "");
  EXPECT_TRUE(active.is_active());
  report(first);
  EXPECT_TRUE(is_active(first, active));
}

TEST_F(ActiveTest, TheOneWithTheAgentsIsActiveAndAnotherFollowsWhenItEnds) {
  const std::string url = server().make_database("follows");
  auto one = std::make_unique<ActiveOne>(first.context(), url);
  ActiveOne two(second.context(), url);
  EXPECT_TRUE(is_active(first, *one)) << "somebody must tell that no agent comes";
  EXPECT_FALSE(is_active(second, two));
  report(second);
  EXPECT_TRUE(is_active(second, two));
  EXPECT_FALSE(is_active(first, *one)) << "the agents report to the other one";
  report(first);
  EXPECT_FALSE(is_active(first, *one)) << "who was first stays";
  second.clock.moved += 5min;
  EXPECT_TRUE(is_active(second, two)) << "also while its agents are away";
  EXPECT_FALSE(is_active(first, *one));
  server().end_connections("advisory");
  EXPECT_FALSE(is_active(second, two)) << "it lost its connection, and with it the lock";
  EXPECT_TRUE(is_active(first, *one));
  one.reset();
  EXPECT_TRUE(is_active(second, two));
}

TEST_F(ActiveTest, WithoutADatabaseNobodyIsActive) {
  ActiveOne active(first.context(), "postgresql://podplay@/none?host=/nowhere");
  EXPECT_FALSE(active.is_active());
}

TEST_F(ActiveTest, WhoStandsByOpensNoAlertAndWritesNoHistory) {
  bool active = false;
  int diagnosed = 0;
  first.clock.moved += 5min;
  const auto is_active = [&active] { return active; };
  AlertWatch alerts(
      first.context(),
      [&diagnosed](Context&) -> Result<Diagnosis> {
        ++diagnosed;
        return Diagnosis{};
      },
      is_active);
  HealthWatch health(first.context(), {}, is_active);
  const auto known = [&] { return list_alerts(first.context(), std::nullopt, 0, 50)->size(); };
  const auto pending = [&] {
    return list_alerts(first.context(), AlertState::pending, 0, 50)->size();
  };
  const auto rows = [&] { return list_health_history(first.context(), {}, 0, 100)->size(); };
  ASSERT_TRUE(alerts.look());
  ASSERT_TRUE(health.look());
  EXPECT_EQ(known() + pending(), 0U);
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(diagnosed, 0) << "nor is anybody asked";
  active = true;
  ASSERT_TRUE(alerts.look());
  ASSERT_TRUE(health.look());
  EXPECT_EQ(pending(), 3U) << "its three agents are away";
  const std::size_t noted = rows();
  EXPECT_GE(noted, 3U);
  active = false;
  ASSERT_TRUE(health.look());
  active = true;
  ASSERT_TRUE(health.look());
  EXPECT_EQ(rows(), noted) << "it reads again what was noted, and notes nothing twice";
}

}  // namespace
}  // namespace podplay::control
