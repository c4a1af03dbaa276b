// Each web site answers to its names.
#include "control/sites.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/control_test.hpp"
#include "control/domains.hpp"

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

}  // namespace
}  // namespace podplay::control
