// Aliases: checked against mailboxes, domains and each other.
#include "control/mail/aliases.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

class AliasesTest : public test::ControlTest {};

TEST_F(AliasesTest, AliasesAreCheckedAgainstMailboxesAndLoops) {
  const auto alias = [](std::string address, std::vector<std::string> targets) {
    return AliasInput{.address = std::move(address), .targets = std::move(targets)};
  };
  EXPECT_EQ(
      code(create_alias(context, admin,
                        alias("info@example.test", {"admin@example.test", "else@where.org"}), {})),
      "fine");
  EXPECT_EQ(
      code(create_alias(context, admin, alias("info@example.test", {"admin@example.test"}), {})),
      "alias_exists");
  EXPECT_EQ(code(create_alias(context, admin, alias("admin@example.test", {"x@example.test"}), {})),
            "user_exists");
  EXPECT_EQ(
      code(create_alias(context, admin, alias("loop@example.test", {"loop@example.test"}), {})),
      "alias_loop");
  EXPECT_EQ(code(create_alias(context, admin, alias("none@example.test", {}), {})), "missing");
  EXPECT_EQ(code(create_alias(context, admin, alias("x@missing.test", {"admin@example.test"}), {})),
            "domain_missing");
  EXPECT_EQ(code(create_user(context, admin, input("info@example.test"), {})), "alias_exists");
}

TEST_F(AliasesTest, AliasesThatWouldGoRoundAreRefused) {
  const auto make = [&](const std::string& address, std::vector<std::string> targets) {
    AliasInput alias;
    alias.address = address;
    alias.targets = std::move(targets);
    return code(create_alias(context, admin, alias, {}));
  };
  EXPECT_EQ(make("one@example.test", {"two@example.test", "far@else.test"}), "fine");
  EXPECT_EQ(make("two@example.test", {"three@example.test"}), "fine");
  EXPECT_EQ(make("three@example.test", {"far@else.test", "one+x@example.test"}), "alias_loop");
  EXPECT_EQ(make("three@example.test", {"far@else.test"}), "fine");
  AliasInput change;
  change.targets = {"one@example.test"};
  EXPECT_EQ(code(update_alias(context, admin, "three@example.test", change, {})), "alias_loop");
  EXPECT_EQ(make("@example.test", {"nobody@example.test"}), "alias_loop")
      << "the catch-all gets mail for an address that does not exist any more";
  EXPECT_EQ(make("@example.test", {"two@example.test"}), "fine");
}

TEST_F(AliasesTest, field_case_18_TargetsThatGetNoMailAreNamed) {
  AliasInput alias;
  alias.address = "info@example.test";
  alias.targets = {"later@example.test", "admin@example.test", "far@else.test"};
  const auto made = create_alias(context, admin, alias, {});
  ASSERT_TRUE(made) << "it may be made later";
  EXPECT_EQ(made->warnings,
            (std::vector<std::string>{"later@example.test does not exist here: it gets no mail"}));
  alias.address = "sales@example.test";
  alias.targets = {"info@example.test"};
  EXPECT_EQ(create_alias(context, admin, alias, {})->warnings.at(0),
            "later@example.test does not exist here, by way of info@example.test: it gets no mail");
  ASSERT_TRUE(create_user(context, admin, input("later@example.test"), {}));
  AliasInput change;
  change.enabled = true;
  EXPECT_TRUE(update_alias(context, admin, "info@example.test", change, {})->warnings.empty());
  UserInput off;
  off.enabled = false;
  ASSERT_TRUE(update_user(context, admin, "later@example.test", off, {}));
  EXPECT_EQ(update_alias(context, admin, "info@example.test", change, {})->warnings.at(0),
            "later@example.test is disabled: it gets no mail");
}

TEST_F(AliasesTest, ADisabledAliasIsCheckedForLoopsWhenItIsEnabled) {
  AliasInput alias;
  alias.address = "one@example.test";
  alias.targets = {"two@example.test"};
  ASSERT_TRUE(create_alias(context, admin, alias, {}));
  alias.address = "two@example.test";
  alias.targets = {"one@example.test"};
  alias.enabled = false;
  ASSERT_TRUE(create_alias(context, admin, alias, {}));
  AliasInput change;
  change.enabled = true;
  EXPECT_EQ(code(update_alias(context, admin, "two@example.test", change, {})), "alias_loop");
}

}  // namespace
}  // namespace podplay::control
