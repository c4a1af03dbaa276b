// Enrolment, and certificates that expire or are renewed.
#include "agent/identity.hpp"

#include <gtest/gtest.h>

#include "agent/agent_fixture.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

// The machine's time, which the test moves.
class MovedClock final : public Clock {
 public:
  WallTime now() const override { return system_.now() + moved; }
  SteadyTime steady() const override { return system_.steady(); }
  void sleep(std::chrono::milliseconds duration) override { system_.sleep(duration); }
  std::chrono::minutes moved{0};

 private:
  SystemClock system_;
};

class IdentityTest : public AgentTest {
 protected:
  MovedClock clock_;
  Identity identity_{ServiceName::mail,
                     {.url = control_.url(),
                      .authority = folder_ / "ca.pem",
                      .host = folder_ / "host",
                      .secret = folder_ / "secret",
                      .folder = folder_ / "link"},
                     files_,
                     clock_,
                     silent_logger()};
};

TEST_F(IdentityTest, RenewsByTheWallClockAfterTheMachineSlept) {
  ASSERT_TRUE(identity_.ensure());
  ASSERT_TRUE(identity_.ensure());
  EXPECT_EQ(control_.enrolments, 1);
  EXPECT_EQ(control_.renewals, 0);
  clock_.moved = std::chrono::minutes{31};
  ASSERT_TRUE(identity_.ensure());
  EXPECT_EQ(control_.renewals, 1) << "half of an hour is over";
  EXPECT_EQ(control_.enrolments, 1);
}

TEST_F(IdentityTest, EnrolsAgainWhenTheClockWasSetBackBeforeTheCertificateBegins) {
  ASSERT_TRUE(identity_.ensure());
  clock_.moved = -std::chrono::days{1};
  ASSERT_TRUE(identity_.ensure());
  EXPECT_EQ(control_.enrolments, 2) << "no server takes a certificate that is not valid yet";
}

TEST_F(IdentityTest, EnrolsAgainWhenItsCertificateHasExpired) {
  // Certificates expire at once.
  control_.lifetime = 0s;
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.enrolments >= 1; }));
  control_.lifetime = 1h;
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
}

TEST_F(IdentityTest, RenewsAtHalfOfTheLifetime) {
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

TEST_F(IdentityTest, SaysThatTheSecretIsRefused) {
  control_.secret = "another";
  launch();
  EXPECT_TRUE(eventually([&] { return lines_->count("refuses the enrolment secret") > 0; }));
  EXPECT_TRUE(eventually([&] { return lines_->count("restart the pod") > 0; }));
}

TEST_F(IdentityTest, SaysWhenItsCertificateExpiredWhileTheSecretIsRefused) {
  ASSERT_TRUE(identity_.ensure());
  control_.secret = "another";
  clock_.moved = std::chrono::minutes{61};
  const Status refused = identity_.ensure();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("the certificate of the link expired at"),
            std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find("refuses the enrolment secret"), std::string::npos);
}

}  // namespace
}  // namespace podplay::agent
