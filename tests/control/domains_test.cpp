// Domains: in use they stay, and the server's own name is none.
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
}

}  // namespace
}  // namespace podplay::control
