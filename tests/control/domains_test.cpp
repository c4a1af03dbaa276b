// A domain that is in use stays, and the server's own name cannot be a domain.
#include "control/domains.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"

namespace podplay::control {
namespace {

class DomainsTest : public test::ControlTest {};

TEST_F(DomainsTest, DomainsInUseStay) {
  EXPECT_EQ(code(delete_domain(context, admin, "example.test", {})), "domain_in_use");
  ASSERT_TRUE(create_domain(context, admin, "empty.test", true, {}));
  EXPECT_TRUE(plane.files.exists(plane.paths.certificates + "/empty.test/fullchain.pem"));
  EXPECT_EQ(code(delete_domain(context, admin, "empty.test", {})), "fine");
  EXPECT_EQ(code(create_domain(context, admin, "mail.example.test", true, {})),
            "server_name_is_domain");
  EXPECT_EQ(code(create_domain(context, admin, plane.settings.text("PODPLAY_HOST_NAME"), true, {})),
            "host_name_is_domain");
}

TEST_F(DomainsTest, ADomainIsARowOfEveryService) {
  const auto made = create_domain(context, admin, "new.test", true, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->services.size(), 3U);
  EXPECT_TRUE(rows_of(ServiceName::mail, RowKind::domain).contains("new.test"));
  EXPECT_TRUE(rows_of(ServiceName::mail, RowKind::certificate).contains("new.test"));
  EXPECT_TRUE(rows_of(ServiceName::apache, RowKind::site).contains("new.test"));
  EXPECT_TRUE(rows_of(ServiceName::bind, RowKind::zone).contains("new.test"));
  EXPECT_TRUE(rows_of(ServiceName::bind, RowKind::rrset).contains("new.test @ MX"));
  ASSERT_TRUE(delete_domain(context, admin, "new.test", {}));
  EXPECT_FALSE(rows_of(ServiceName::bind, RowKind::rrset).contains("new.test @ MX"));
  EXPECT_FALSE(rows_of(ServiceName::apache, RowKind::site).contains("new.test"));
}

TEST_F(DomainsTest, NoCertificateIsSignedForADomainThatIsRefused) {
  const std::string server = context.settings.text("PODPLAY_MAIL_SERVER_NAME");
  const auto imported = import_domains(context, admin, {"one.test", "two.test", server}, {});
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().faults.at(0).code, "server_name_is_domain");
  EXPECT_FALSE(create_domain(context, admin, server, true, {}));
  for (const std::string& name : {std::string("one.test"), std::string("two.test")}) {
    EXPECT_FALSE(plane.files.exists(plane.paths.certificates + "/" + name)) << name;
  }
}

TEST_F(DomainsTest, ManyAreOneRevisionOrNone) {
  const auto twice = import_domains(context, admin, {"one.test", "two.test", "one.test"}, {});
  EXPECT_EQ(code(twice), "domain_twice");
  EXPECT_EQ(code(get_domain(context, admin, "two.test")), "domain_unknown");
  EXPECT_FALSE(plane.files.exists(plane.paths.certificates + "/two.test"));
  const auto many = import_domains(context, admin, {"one.test", "two.test"}, {});
  ASSERT_TRUE(many) << describe(many.error());
  EXPECT_EQ(many->object, 2);
  EXPECT_TRUE(plane.files.exists(plane.paths.certificates + "/two.test/fullchain.pem"));
}

}  // namespace
}  // namespace podplay::control
