// What became of a revision at each service.
#include "control/watch/revisions.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/users.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class RevisionsTest : public test::ControlTest {};

TEST_F(RevisionsTest, ARefusalOfFilesIsNoneOfRowsAndEndsWhenTheyComeThrough) {
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  const auto rows = create_user(context, admin, input("rows@example.test"), {});
  const auto files = create_domain(context, admin, "late.test", true, {});
  ASSERT_TRUE(take_report(context, ServiceName::mail,
                          {.revision = files->revision,
                           .state = ApplyState::refused,
                           .stage = Stage::check,
                           .daemon = "postfix",
                           .message = "fatal",
                           .running = 1}));
  EXPECT_EQ(get_revision(context, admin, rows->revision, {})->state, ApplyState::applied)
      << "its row is in use";
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->state, ApplyState::refused);
  ASSERT_TRUE(take_report(
      context, ServiceName::mail,
      {.revision = files->revision, .state = ApplyState::applied, .running = files->revision}));
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->services.at(2).state,
            ApplyState::applied);
  ASSERT_TRUE(take_report(context, ServiceName::mail,
                          {.revision = files->revision,
                           .state = ApplyState::refused,
                           .stage = Stage::probe,
                           .daemon = "postfix",
                           .message = "a bad start",
                           .running = 1}));
  EXPECT_EQ(get_revision(context, admin, files->revision, {})->services.at(2).state,
            ApplyState::applied)
      << "settled is settled";
}

TEST_F(RevisionsTest, ARefusalIsToldWithItsWords) {
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  const auto made = create_domain(context, admin, "bad.test", true, {});
  ASSERT_TRUE(made);
  ASSERT_TRUE(take_report(context, ServiceName::bind,
                          {.revision = made->revision,
                           .state = ApplyState::refused,
                           .stage = Stage::check,
                           .daemon = "bind",
                           .message = "zone bad.test: not good",
                           .running = 1}));
  ASSERT_TRUE(take_report(
      context, ServiceName::mail,
      {.revision = made->revision, .state = ApplyState::applied, .running = made->revision}));
  const auto pending = get_revision(context, admin, made->revision, std::chrono::milliseconds(0));
  EXPECT_EQ(pending->services.at(0).state, ApplyState::pending);
  EXPECT_EQ(pending->state, ApplyState::refused);
  EXPECT_EQ(pending->services.at(1).message, "zone bad.test: not good");
  EXPECT_EQ(pending->services.at(2).state, ApplyState::applied);
}

}  // namespace
}  // namespace podplay::control
