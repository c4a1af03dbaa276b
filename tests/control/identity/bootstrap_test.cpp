// The first administrator: made once, with the secret, in the pod's own domain.
#include "control/identity/bootstrap.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/domains.hpp"

namespace podplay::control {
namespace {

class BootstrapTest : public test::ControlTest {};

TEST_F(BootstrapTest, BootstrapOnlyOnce) {
  EXPECT_FALSE(plane.files.exists(plane.paths.state + "/bootstrap.secret"));
  EXPECT_EQ(code(bootstrap(context, stranger, "anything", input("b@example.test"), {})),
            "bootstrapped");
}

TEST(BootstrapSecret, AddsThePodsOwnDomainAndNoOther) {
  test::Plane plane;
  const std::string secret = plane.files.read(plane.paths.state + "/bootstrap.secret").value();
  UserInput input;
  input.email = "me@example.test";
  input.password = Secret("password123");
  EXPECT_EQ(bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {}).error().code,
            "bad_password")
      << "the first administrator chooses the own password";
  input.password = Secret("battery staple 1");
  input.email = "me@elsewhere.test";
  const auto elsewhere = bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().faults.at(0).code, "domain_missing")
      << "an address of a provider does not make its domain ours";
  input.email = "me@example.test";
  ASSERT_TRUE(
      bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {.dry_run = true}));
  EXPECT_TRUE(plane.files.exists(plane.paths.state + "/bootstrap.secret"))
      << "a dry run uses nothing up";
  ASSERT_TRUE(bootstrap(plane.context(), Actor::anonymous("", ""), secret, input, {}));
  EXPECT_TRUE(get_domain(plane.context(), Actor::system(), "example.test"));
}

}  // namespace
}  // namespace podplay::control
