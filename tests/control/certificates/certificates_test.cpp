// Certificates are renewed as a change.
#include "control/certificates/certificates.hpp"

#include <gtest/gtest.h>

#include "control/certificates/versions.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/jobs/run_job.hpp"
#include "control/work.hpp"

namespace podplay::control {
namespace {

class CertificatesTest : public test::ControlTest {
 protected:
  std::string run_job(std::string_view kind) { return test::run_job(plane, kind); }
};

TEST_F(CertificatesTest, CertificatesThatGrowOldAreARevision) {
  const auto before = ask_for_work(ServiceName::mail);
  const auto version = [&] {
    return std::get<CertificateRow>(
               rows_of(ServiceName::mail, RowKind::certificate).at("example.test"))
        .version;
  };
  const std::string old_version = version();
  settle_everything();
  EXPECT_FALSE(ensure_certificates(context).value()) << "they are new";
  plane.clock.moved = std::chrono::days(61);
  EXPECT_TRUE(ensure_certificates(context).value());
  EXPECT_FALSE(ensure_certificates(context).value()) << "once is enough";
  EXPECT_TRUE(context.hub.wants_snapshot({ServiceName::apache}) &&
              context.hub.wants_snapshot({ServiceName::mail}))
      << "the hosts' own are files";
  const auto after = ask_for_work(ServiceName::mail);
  ASSERT_TRUE(after->snapshot);
  EXPECT_NE(std::get<MailSnapshot>(after->snapshot->body).certificate.version,
            std::get<MailSnapshot>(before->snapshot->body).certificate.version);
  EXPECT_NE(version(), old_version);
  EXPECT_TRUE(context.versions.exists({"example.test", old_version}))
      << "a release or a row may name it still";
}

TEST_F(CertificatesTest, AVersionWhoseFilesAreGoneIsMadeAnew) {
  const std::string folder = plane.paths.certificates + "/example.test";
  ASSERT_TRUE(plane.files.exists(folder + "/fullchain.pem"));
  ASSERT_TRUE(plane.files.remove_tree(folder + "/versions"));
  EXPECT_TRUE(ensure_certificates(context).value());
  EXPECT_TRUE(plane.files.exists(folder + "/fullchain.pem"));
}

TEST_F(CertificatesTest, ARehearsalAndAFailureIssueNothing) {
  ASSERT_TRUE(create_domain(context, admin, "dry.test", true, {.dry_run = true}));
  EXPECT_FALSE(plane.files.exists(plane.paths.certificates + "/dry.test"));
  EXPECT_EQ(code(create_domain(context, admin, "mail.example.test", true, {})),
            "server_name_is_domain");
}

TEST_F(CertificatesTest, AReplacedVersionGoesWhenItHasExpired) {
  const auto version = [&] { return get_certificate(context, "example.test")->version; };
  const std::string old_version = version();
  plane.clock.moved = std::chrono::days(61);
  ASSERT_TRUE(ensure_certificates(context).value());
  EXPECT_EQ(run_job("certificate_cleaning"), "0 expired versions and 0 unused names removed");
  plane.clock.moved = std::chrono::days(91);
  // The three names of this plane: the domain and both hosts.
  EXPECT_EQ(run_job("certificate_cleaning"), "3 expired versions and 0 unused names removed");
  EXPECT_FALSE(context.versions.exists({"example.test", old_version}));
  EXPECT_TRUE(context.versions.exists({"example.test", version()}));
  EXPECT_EQ(run_job("certificate_renewal"), "0 issued, 0 ordered");
}

TEST_F(CertificatesTest, TheKeysOfADeletedDomainGoAfterAWeek) {
  ASSERT_TRUE(create_domain(context, admin, "gone.test", true, {}));
  ASSERT_TRUE(create_domain(context, admin, "back.test", true, {}));
  ASSERT_TRUE(delete_domain(context, admin, "gone.test", {}));
  ASSERT_TRUE(delete_domain(context, admin, "back.test", {}));
  EXPECT_EQ(run_job("certificate_cleaning"), "0 expired versions and 0 unused names removed");
  plane.clock.moved = std::chrono::days(6);
  ASSERT_TRUE(create_domain(context, admin, "back.test", true, {}));
  EXPECT_EQ(run_job("certificate_cleaning"), "0 expired versions and 0 unused names removed");
  plane.clock.moved = std::chrono::days(8);
  EXPECT_EQ(run_job("certificate_cleaning"), "0 expired versions and 1 unused names removed");
  EXPECT_FALSE(plane.files.exists(plane.paths.certificates + "/gone.test"));
  ASSERT_TRUE(delete_domain(context, admin, "back.test", {}));
  EXPECT_EQ(run_job("certificate_cleaning"), "0 expired versions and 0 unused names removed")
      << "its week begins again";
  EXPECT_TRUE(plane.files.exists(plane.paths.certificates + "/pod-ca"));
}

}  // namespace
}  // namespace podplay::control
