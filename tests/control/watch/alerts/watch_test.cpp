// A look at a pod without agents: they are away, the diagnosis is asked, and its causes are told.
#include "control/watch/alerts/watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/control_test.hpp"
#include "control/watch/alerts/alerts.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

class AlertWatchTest : public test::ControlTest {
 protected:
  std::vector<std::string> pending() {
    std::vector<std::string> keys;
    const auto found = list_alerts(context, AlertState::pending, 0, 50);
    for (const AlertDetails& details : *found) {
      keys.push_back(details.alert.key);
    }
    std::ranges::sort(keys);
    return keys;
  }
};

TEST_F(AlertWatchTest, AsksTheDiagnosisWhenThereAreSignsAndTellsItsCauses) {
  int asked = 0;
  AlertWatch watch(context, [&asked](Context&) -> Result<Diagnosis> {
    ++asked;
    return Diagnosis{.findings = {{.cause = "agent-away",
                                   .service = "mail",
                                   .host = "main",
                                   .title = "the container of mail does not run"}}};
  });
  plane.clock.moved += minutes{5};
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(pending(), (std::vector<std::string>{"away:apache@main", "away:bind@main",
                                                 "cause:agent-away:mail@main:"}));
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(asked, 2);
}

TEST_F(AlertWatchTest, GoesOnWithoutADiagnosis) {
  AlertWatch watch(context, [](Context&) -> Result<Diagnosis> {
    return fail(ErrorKind::timeout, "slow", "it did not answer");
  });
  plane.clock.moved += minutes{5};
  ASSERT_TRUE(watch.look());
  EXPECT_EQ(pending().size(), 3U);
}

TEST_F(AlertWatchTest, StartsAndStopsAtOnce) {
  AlertWatch watch(context, {});
  watch.start();
  const auto began = steady_clock::now();
  watch.stop();
  EXPECT_LT(steady_clock::now() - began, seconds{5});
}

}  // namespace
}  // namespace podplay::control
