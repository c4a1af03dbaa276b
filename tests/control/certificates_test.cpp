// Certificates are renewed as a change.
#include "control/certificates.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class CertificatesTest : public test::ControlTest {};

TEST_F(CertificatesTest, CertificatesThatGrowOldAreARevision) {
  ASSERT_TRUE(ensure_certificates(context));
  context.certificates.announced(context.certificates.issued());
  const auto before = ask_for_work(ServiceName::mail);
  for (const ServiceName service : kServices) {
    context.hub.settle(service, context.hub.newest(service));
  }
  EXPECT_FALSE(renew_certificates(context).value()) << "they are new";
  plane.clock.moved = std::chrono::days(61);
  EXPECT_TRUE(renew_certificates(context).value());
  EXPECT_FALSE(renew_certificates(context).value()) << "once is enough";
  EXPECT_TRUE(context.hub.wants_snapshot(ServiceName::apache) &&
              context.hub.wants_snapshot(ServiceName::mail));
  const auto after =
      give_work(context, ServiceName::mail, {.snapshot_hash = before->snapshot_hash, .wait = 0});
  ASSERT_TRUE(after->snapshot);
  EXPECT_NE(std::get<MailSnapshot>(after->snapshot->body).certificate.fingerprint,
            std::get<MailSnapshot>(before->snapshot->body).certificate.fingerprint);
}

}  // namespace
}  // namespace podplay::control
