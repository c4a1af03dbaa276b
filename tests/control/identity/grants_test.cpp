// Grants: any number of domains, nobody above themselves, and nobody locked out.
#include "control/identity/grants.hpp"

#include <gtest/gtest.h>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/log_in.hpp"
#include "store/audit.hpp"

namespace podplay::control {
namespace {

using Names = std::set<std::string>;

class GrantsTest : public test::ControlTest {
 protected:
  void SetUp() override {
    for (const char* name : {"one.test", "two.test", "three.test"}) {
      ASSERT_TRUE(create_domain(context, admin, name, true, {}));
    }
    ASSERT_TRUE(create_user(context, admin, input("ann@one.test"), {}));
  }
  User user(const std::string& email) { return get_user(context, admin, email).value(); }
  Actor actor(const std::string& email) { return Actor::of(user(email)); }
  Status grant(const std::string& email, const std::string& domain) {
    const auto done = add_grant(context, admin, email, {.domain = domain}, {});
    return done ? Status{} : std::unexpected(done.error());
  }
  std::vector<std::string> emails(const Result<std::vector<User>>& users) {
    std::vector<std::string> found;
    for (const User& one : users.value()) {
      found.push_back(one.email);
    }
    return found;
  }
};

TEST_F(GrantsTest, AUserAdministersAnyNumberOfDomains) {
  ASSERT_TRUE(grant("ann@one.test", "two.test"));
  ASSERT_TRUE(grant("ann@one.test", "three.test"));
  EXPECT_EQ(user("ann@one.test").role, Role::domain_admin);
  EXPECT_EQ(user("ann@one.test").domains, (Names{"three.test", "two.test"}));
  const Actor ann = actor("ann@one.test");
  EXPECT_EQ(code(create_user(context, ann, input("x@two.test"), {})), "fine");
  EXPECT_EQ(code(create_user(context, ann, input("x@three.test"), {})), "fine");
  EXPECT_EQ(code(create_user(context, ann, input("x@one.test"), {})), "not_your_domain")
      << "the own address is no grant";
  EXPECT_EQ(emails(list_users(context, ann, "", 0, 10)),
            (std::vector<std::string>{"x@two.test", "x@three.test"}));
  EXPECT_EQ(list_users(context, ann, "", 0, 1)->size(), 1U);
  EXPECT_EQ(list_domains(context, ann, 0, 10)->size(), 2U);
  EXPECT_EQ(code(get_domain(context, ann, "one.test")), "domain_unknown");
  EXPECT_EQ(emails(list_domain_admins(context, ann, "two.test")),
            (std::vector<std::string>{"ann@one.test"}));
  EXPECT_EQ(code(list_domain_admins(context, ann, "one.test")), "domain_unknown");
}

TEST_F(GrantsTest, AGrantThatIsThereChangesNothing) {
  ASSERT_TRUE(grant("ann@one.test", "two.test"));
  const auto again = add_grant(context, admin, "ann@one.test", {.domain = "two.test"}, {});
  EXPECT_TRUE(again->unchanged);
  const auto none = remove_grant(context, admin, "ann@one.test", {.domain = "three.test"}, {});
  EXPECT_TRUE(none->unchanged);
}

TEST_F(GrantsTest, TheLastOneTakenMakesAUser) {
  ASSERT_TRUE(grant("ann@one.test", "two.test"));
  const Actor before = actor("ann@one.test");
  ASSERT_TRUE(remove_grant(context, admin, "ann@one.test", {.domain = "two.test"}, {}));
  EXPECT_EQ(user("ann@one.test").role, Role::user);
  EXPECT_TRUE(list_grants(context, admin, "ann@one.test")->empty());
  const auto audit = context.store.read<std::vector<store::AuditRow>>(
      [](store::Session& session) { return store::list_audit(session, 0, 1); });
  EXPECT_EQ(audit->at(0).event, "GRANT_REMOVED");
  EXPECT_EQ(audit->at(0).subject, "ann@one.test domain-admin:two.test");
}

TEST_F(GrantsTest, OnlyAdministratorsGiveAndTake) {
  ASSERT_TRUE(grant("ann@one.test", "one.test"));
  ASSERT_TRUE(create_user(context, admin, input("bob@one.test"), {}));
  const Actor ann = actor("ann@one.test");
  EXPECT_EQ(code(add_grant(context, ann, "bob@one.test", {.domain = "one.test"}, {})), "forbidden");
  EXPECT_EQ(code(remove_grant(context, ann, "ann@one.test", {.domain = "one.test"}, {})),
            "forbidden");
  UserInput more;
  more.domains = {"one.test", "two.test"};
  EXPECT_EQ(code(update_user(context, ann, "ann@one.test", more, {})), "role_too_high");
  UserInput made = input("eve@one.test");
  made.domains = {"one.test"};
  EXPECT_EQ(code(create_user(context, ann, made, {})), "role_too_high");
}

TEST_F(GrantsTest, WhoAdministersSomethingIsNoOtherDomainAdministratorsToChange) {
  ASSERT_TRUE(grant("ann@one.test", "one.test"));
  ASSERT_TRUE(create_user(context, admin, input("bob@one.test"), {}));
  ASSERT_TRUE(grant("bob@one.test", "one.test"));
  ASSERT_TRUE(create_user(context, admin, input("eve@one.test"), {}));
  ASSERT_TRUE(grant("eve@one.test", "two.test"));
  const Actor ann = actor("ann@one.test");
  UserInput password;
  password.password = Secret("a new password 1");
  for (const char* other : {"bob@one.test", "eve@one.test"}) {
    EXPECT_EQ(code(update_user(context, ann, other, password, {})), "is_admin") << other;
    EXPECT_EQ(code(delete_user(context, ann, other, {})), "is_admin") << other;
  }
  UserInput quota;
  quota.quota = 1;
  EXPECT_EQ(code(update_user(context, ann, "ann@one.test", quota, {})), "fine") << "the own one";
}

TEST_F(GrantsTest, NobodyLocksThemselvesOut) {
  EXPECT_EQ(code(remove_grant(context, admin, "admin@example.test", {.role = Role::admin}, {})),
            "last_admin");
  ASSERT_TRUE(create_user(context, admin, input("two@one.test"), {}));
  ASSERT_TRUE(add_grant(context, admin, "two@one.test", {.role = Role::admin}, {}));
  EXPECT_EQ(code(remove_grant(context, admin, "admin@example.test", {.role = Role::admin}, {})),
            "own_grant");
  UserInput change;
  change.role = "user";
  EXPECT_EQ(code(update_user(context, admin, "admin@example.test", change, {})), "own_grant");
  UserInput disabled;
  disabled.enabled = false;
  EXPECT_EQ(code(update_user(context, admin, "admin@example.test", disabled, {})), "own_account");
  EXPECT_EQ(code(delete_user(context, admin, "admin@example.test", {})), "own_account");
  EXPECT_EQ(code(remove_grant(context, actor("two@one.test"), "admin@example.test",
                              {.role = Role::admin}, {})),
            "fine")
      << "another administrator may";
  ASSERT_TRUE(grant("ann@one.test", "one.test"));
  const Actor ann = actor("ann@one.test");
  EXPECT_EQ(code(delete_user(context, ann, "ann@one.test", {})), "own_account");
  UserInput less;
  less.role = "user";
  EXPECT_EQ(code(update_user(context, ann, "ann@one.test", less, {})), "own_grant");
}

TEST_F(GrantsTest, RoleAndDomainsOfAUserAreGrantsToo) {
  UserInput change;
  change.role = "domain-admin";
  ASSERT_TRUE(update_user(context, admin, "ann@one.test", change, {}));
  EXPECT_EQ(user("ann@one.test").domains, Names{"one.test"}) << "the own one";
  change.domains = {"two.test", "three.test"};
  ASSERT_TRUE(update_user(context, admin, "ann@one.test", change, {}));
  EXPECT_EQ(user("ann@one.test").domains, (Names{"three.test", "two.test"}));
  UserInput missing;
  missing.domains = {"nowhere.test"};
  EXPECT_EQ(update_user(context, admin, "ann@one.test", missing, {}).error().faults.at(0).code,
            "domain_missing");
  UserInput both;
  both.role = "user";
  both.domains = {"one.test"};
  EXPECT_EQ(update_user(context, admin, "ann@one.test", both, {}).error().faults.at(0).code,
            "role_without_domains");
  UserInput none;
  none.domains = std::vector<std::string>{};
  ASSERT_TRUE(update_user(context, admin, "ann@one.test", none, {}));
  EXPECT_EQ(user("ann@one.test").role, Role::user);
}

TEST_F(GrantsTest, AnAdministratorWhoIsOneNoLongerKeepsTheDomains) {
  ASSERT_TRUE(grant("ann@one.test", "two.test"));
  ASSERT_TRUE(add_grant(context, admin, "ann@one.test", {.role = Role::admin}, {}));
  EXPECT_EQ(user("ann@one.test").role, Role::admin);
  ASSERT_TRUE(remove_grant(context, admin, "ann@one.test", {.role = Role::admin}, {}));
  EXPECT_EQ(user("ann@one.test").role, Role::domain_admin);
  EXPECT_EQ(user("ann@one.test").domains, Names{"two.test"});
}

TEST_F(GrantsTest, EndWithTheirDomain) {
  ASSERT_TRUE(grant("ann@one.test", "two.test"));
  ASSERT_TRUE(delete_domain(context, admin, "two.test", {}));
  EXPECT_EQ(user("ann@one.test").role, Role::user);
  EXPECT_TRUE(user("ann@one.test").domains.empty());
}

TEST_F(GrantsTest, AreParsedFromTheRequest) {
  EXPECT_EQ(code(parse_grant("admin", "")), "fine");
  EXPECT_EQ(code(parse_grant("domain-admin", "one.test")), "fine");
  for (const auto& [role, domain] :
       {std::pair("user", ""), std::pair("king", ""), std::pair("admin", "one.test"),
        std::pair("domain-admin", ""), std::pair("domain-admin", "not a domain")}) {
    EXPECT_FALSE(parse_grant(role, domain)) << role << " " << domain;
  }
}

}  // namespace
}  // namespace podplay::control
