// Enrolment, and certificates that expire or are renewed.
#include "agent/link.hpp"

#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

using LinkTest = AgentTest;

TEST_F(LinkTest, EnrolsAgainWhenItsCertificateHasExpired) {
  // at once
  control_.lifetime = 0s;
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.enrolments >= 1; }));
  control_.lifetime = 1h;
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
}

TEST_F(LinkTest, RenewsAtHalfOfTheLifetime) {
  control_.lifetime = 6s;
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.enrolments == 1; }));
  control_.lifetime = 1h;
  ASSERT_TRUE(control_.wait([&] { return control_.renewals == 1; }, 8s));
  EXPECT_EQ(control_.enrolments, 1) << "with the certificate that it has, not with the secret";
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }))
      << "and goes on with the new one";
}

TEST_F(LinkTest, SaysThatTheSecretIsRefused) {
  control_.secret = "another";
  launch();
  EXPECT_TRUE(eventually([&] { return lines_->count("refuses the enrolment secret") > 0; }));
  EXPECT_TRUE(eventually([&] { return lines_->count("restart the pod") > 0; }));
}

}  // namespace
}  // namespace podplay::agent
