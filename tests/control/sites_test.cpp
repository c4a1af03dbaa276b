// Each web site answers to its names.
#include "control/sites.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/certificates/certificates.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/settings.hpp"

namespace podplay::control {
namespace {

class SitesTest : public test::ControlTest {
 protected:
  SiteRow site(const std::string& domain) {
    return std::get<SiteRow>(rows_of(ServiceName::apache, RowKind::site).at(domain));
  }
  bool answers_to(const std::string& domain, const std::string& name) {
    const SiteRow row = site(domain);
    return std::ranges::find(row.aliases, name) != row.aliases.end();
  }
};

TEST_F(SitesTest, ADomainBelowAnotherIsItsOwnSite) {
  EXPECT_TRUE(answers_to("example.test", "www.example.test"));
  ASSERT_TRUE(create_domain(context, admin, "www.example.test", true, {}));
  EXPECT_FALSE(answers_to("example.test", "www.example.test"));
  ASSERT_TRUE(delete_domain(context, admin, "www.example.test", {}));
  EXPECT_TRUE(answers_to("example.test", "www.example.test"));
}

TEST_F(SitesTest, ADisabledDomainKeepsItsPagesAndIsNotServed) {
  ASSERT_TRUE(update_domain(context, admin, "example.test", false, {}));
  EXPECT_FALSE(site("example.test").enabled);
}

TEST_F(SitesTest, ADomainWhoseNameTheControlHostTakesIsNotServedUntilItGivesItBack) {
  ASSERT_TRUE(create_domain(context, admin, "a.test", true, {}));
  ASSERT_TRUE(create_domain(context, admin, "b.test", true, {}));
  EXPECT_TRUE(answers_to("b.test", "www.b.test"));
  const auto name_control_host = [&](const std::string& name) {
    plane.settings =
        effective_settings({{"PODPLAY_DOMAIN", "example.test"}, {"PODPLAY_HOST_NAME", name}})
            .value();
    ASSERT_TRUE(adopt_settings(context));
    ASSERT_TRUE(ensure_certificates(context));
  };
  name_control_host("a.test");
  EXPECT_FALSE(site("a.test").enabled);
  name_control_host("www.b.test");
  EXPECT_TRUE(site("a.test").enabled);
  EXPECT_FALSE(answers_to("b.test", "www.b.test"));
  name_control_host("control.example.test");
  EXPECT_TRUE(answers_to("b.test", "www.b.test"));
}

}  // namespace
}  // namespace podplay::control
