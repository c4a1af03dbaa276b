// A revision shows its state at each service.
#include "control/watch/revisions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/change.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/users.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class RevisionsTest : public test::ControlTest {};

// A change of the mail service's files.
Revision change_files(Context& context) {
  return write_change(context, Actor::system(), {},
                      [](Change& change) -> Status {
                        change.concern_files(ServiceName::mail);
                        change.finish("SETTINGS_CHANGED", "settings", "adopt changed settings");
                        return {};
                      })
      ->revision;
}

ApplyReport refusal(Revision revision, const std::string& message) {
  return {.revision = revision,
          .state = ApplyState::refused,
          .stage = Stage::check,
          .daemon = "postfix",
          .message = message,
          .running = 1};
}

TEST_F(RevisionsTest, ARefusalOfFilesIsNoneOfRowsAndEndsWhenTheyComeThrough) {
  settle_everything();
  const AgentName mail{ServiceName::mail};
  const auto rows = create_user(context, admin, input("rows@example.test"), {});
  const Revision files = change_files(context);
  ASSERT_TRUE(take_report(context, mail, refusal(files, "fatal")));
  EXPECT_EQ(get_revision(context, admin, rows->revision, {})->state, ApplyState::applied)
      << "its row is in use";
  EXPECT_EQ(get_revision(context, admin, files, {})->state, ApplyState::refused);
  EXPECT_EQ(get_revision(context, admin, files, {})->services.at(0).message, "fatal");
  ASSERT_TRUE(take_report(context, mail,
                          {.revision = files, .state = ApplyState::applied, .running = files}));
  EXPECT_EQ(get_revision(context, admin, files, {})->state, ApplyState::applied);
  ASSERT_TRUE(take_report(context, mail, refusal(files, "a bad start")));
  EXPECT_EQ(get_revision(context, admin, files, {})->state, ApplyState::applied)
      << "settled is settled";
}

TEST_F(RevisionsTest, ARowThatIsSetAsideRefusesItsRevisionAndNoOther) {
  settle_everything();
  const auto bad = create_domain(context, admin, "bad.test", true, {});
  const auto good = create_domain(context, admin, "good.test", true, {});
  ASSERT_TRUE(bad && good);
  const SetAsideRow row{.kind = RowKind::zone,
                        .key = "bad.test",
                        .revision = bad->revision,
                        .daemon = "named",
                        .message = "zone bad.test: not good"};
  ASSERT_TRUE(take_report(context, {ServiceName::bind},
                          {.revision = good->revision,
                           .state = ApplyState::applied,
                           .running = 1,
                           .set_aside = {row}}));
  const auto outcome = get_revision(context, admin, bad->revision, {});
  EXPECT_EQ(outcome->state, ApplyState::refused);
  const auto named = std::ranges::find(outcome->services, ServiceName::bind,
                                       [](const auto& one) { return one.agent.service; });
  ASSERT_NE(named, outcome->services.end());
  EXPECT_NE(named->message.find("zone bad.test: not good"), std::string::npos);
  EXPECT_EQ(get_revision(context, admin, good->revision, {})->state, ApplyState::pending)
      << "the other services have not settled it";
  ASSERT_TRUE(take_report(context, {ServiceName::bind},
                          {.revision = good->revision,
                           .state = ApplyState::applied,
                           .running = 1,
                           .recovered = {row}}));
  EXPECT_EQ(get_revision(context, admin, bad->revision, {})->state, ApplyState::pending);
}

}  // namespace
}  // namespace podplay::control
