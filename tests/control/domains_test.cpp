// A domain that is in use stays, the server's own name cannot be a domain, and there are no more
// domains than the limit.
#include "control/domains.hpp"

#include <gmock/gmock.h>

#include "control/control_test.hpp"

namespace podplay::control {
namespace {

using testing::HasSubstr;

class DomainsTest : public test::ControlTest {
 protected:
  // There is one domain already, example.test.
  void allow_domains(int limit) {
    plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                         {"PODPLAY_DOMAIN_LIMIT", std::to_string(limit)}})
                         .value();
  }
  void expect_too_many(const Error& error, const std::string& message) {
    EXPECT_EQ(error.code, "too_many_domains");
    EXPECT_EQ(error.kind, ErrorKind::conflict);
    EXPECT_EQ(error.message, message);
    EXPECT_THAT(error.remedy, HasSubstr("raise PODPLAY_DOMAIN_LIMIT"));
  }
  // No domain, no row of a service, no certificate.
  void expect_nothing_of(const std::string& name) {
    EXPECT_EQ(code(get_domain(context, admin, name)), "domain_unknown") << name;
    EXPECT_FALSE(rows_of(ServiceName::mail, RowKind::domain).contains(name)) << name;
    EXPECT_FALSE(plane.files.exists(plane.paths.certificates + "/" + name)) << name;
  }
};

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

TEST_F(DomainsTest, OneDomainMoreThanTheLimitIsRefused) {
  allow_domains(2);
  ASSERT_TRUE(create_domain(context, admin, "second.test", true, {}));
  const auto third = create_domain(context, admin, "third.test", true, {});
  ASSERT_FALSE(third);
  expect_too_many(third.error(), "there are 2 domains already, and the limit is 2");
  expect_nothing_of("third.test");
  ASSERT_TRUE(delete_domain(context, admin, "second.test", {}));
  EXPECT_EQ(code(create_domain(context, admin, "third.test", true, {})), "fine");
}

TEST_F(DomainsTest, AnImportBeyondTheLimitCreatesNothing) {
  allow_domains(3);
  const std::vector<std::string> names = {"one.test", "two.test", "three.test"};
  const auto many = import_domains(context, admin, names, {});
  ASSERT_FALSE(many);
  expect_too_many(many.error(),
                  "there are 1 domains already; with 3 more they would be more than 3, which is "
                  "the limit");
  for (const std::string& name : names) {
    expect_nothing_of(name);
  }
  EXPECT_EQ(code(import_domains(context, admin, {"one.test", "two.test"}, {})), "fine");
}

}  // namespace
}  // namespace podplay::control
