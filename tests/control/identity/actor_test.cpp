// Permissions at the use-cases: each actor may do its own things and no more.
#include "control/identity/actor.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "control/identity/users.hpp"

namespace podplay::control {
namespace {

static_assert(!std::is_default_constructible_v<Actor>, "every actor is named on purpose");

User user_with(std::int64_t id, const std::string& email, Role role) {
  return {.id = id, .email = email, .domain = email.substr(email.find('@') + 1), .role = role};
}

TEST(Actor, IsWhoItWasMadeAs) {
  EXPECT_EQ(Actor::system().email(), "system");
  EXPECT_EQ(Actor::system().user_id(), 0);
  const Actor stranger = Actor::anonymous("request-1", "192.0.2.1");
  EXPECT_EQ(stranger.email(), "anonymous");
  EXPECT_EQ(stranger.remote_address(), "192.0.2.1");
  const Actor moved = stranger.in_request("request-2", "192.0.2.2");
  EXPECT_EQ(moved.request_id(), "request-2");
  EXPECT_EQ(moved.email(), "anonymous");
}

TEST(Actor, UsesRoutesByRole) {
  struct Row {
    const char* name;
    Actor actor;
    Permission most;
  };
  const Row rows[] = {
      {.name = "stranger", .actor = Actor::anonymous("", ""), .most = Permission::anyone},
      {.name = "user",
       .actor = Actor::of(user_with(1, "u@a.test", Role::user)),
       .most = Permission::user},
      {.name = "domain admin",
       .actor = Actor::of(user_with(2, "d@a.test", Role::domain_admin)),
       .most = Permission::domain_admin},
      {.name = "admin",
       .actor = Actor::of(user_with(3, "a@a.test", Role::admin)),
       .most = Permission::admin},
      {.name = "system", .actor = Actor::system(), .most = Permission::admin},
  };
  for (const Row& row : rows) {
    for (const Permission needed :
         {Permission::anyone, Permission::user, Permission::domain_admin, Permission::admin}) {
      EXPECT_EQ(row.actor.may_use(needed).has_value(), needed <= row.most)
          << row.name << " and permission " << static_cast<int>(needed);
    }
  }
}

TEST(Actor, AStrangerMayDoNothing) {
  const Actor stranger = Actor::anonymous("", "");
  const User nobody = user_with(0, "n@a.test", Role::user);
  EXPECT_FALSE(stranger.may_administer("a.test"));
  EXPECT_FALSE(stranger.may_administer(""));
  EXPECT_FALSE(stranger.may_see(nobody)) << "two without an id are not the same";
  EXPECT_FALSE(stranger.may_change(nobody, true));
  EXPECT_FALSE(stranger.may_give_role("admin"));
  EXPECT_FALSE(stranger.may_see_changes_of("system"));
  EXPECT_FALSE(stranger.domains_to_list(""));
}

class ActorsTest : public test::ControlTest {};

TEST_F(ActorsTest, RolesBoundWhatOneMayDo) {
  ASSERT_TRUE(create_domain(context, admin, "other.test", true, {}));
  UserInput helper = input("helper@example.test");
  helper.role = "domain-admin";
  const auto made = create_user(context, admin, helper, {});
  const Actor domain_admin = Actor::of(made->object);
  EXPECT_EQ(code(create_user(context, domain_admin, input("a@example.test"), {})), "fine");
  EXPECT_EQ(code(create_user(context, domain_admin, input("a@other.test"), {})), "not_your_domain");
  UserInput king = input("king@example.test");
  king.role = "admin";
  EXPECT_EQ(code(create_user(context, domain_admin, king, {})), "role_too_high");
  EXPECT_EQ(code(update_user(context, domain_admin, "admin@example.test", input(""), {})),
            "is_admin");
  EXPECT_EQ(code(list_users(context, domain_admin, "other.test", 0, 10)), "not_your_domain");
  const auto plain = create_user(context, admin, input("plain@example.test"), {});
  const Actor user = Actor::of(plain->object);
  EXPECT_EQ(code(get_user(context, user, "admin@example.test")), "user_unknown")
      << "a user does not learn who exists";
  EXPECT_EQ(code(get_user(context, user, "plain@example.test")), "fine");
  UserInput password;
  password.password = Secret("another password");
  password.current_password = Secret("password123");
  EXPECT_EQ(code(update_user(context, user, "plain@example.test", password, {})), "fine");
  UserInput quota;
  quota.quota = 0;
  EXPECT_EQ(code(update_user(context, user, "plain@example.test", quota, {})), "only_the_password");
  EXPECT_EQ(code(update_user(context, user, "admin@example.test", password, {})), "user_unknown")
      << "nor by trying to change them";
  EXPECT_EQ(code(update_user(context, user, "nobody@example.test", password, {})), "user_unknown");
  EXPECT_EQ(code(get_domain(context, domain_admin, "other.test")), "domain_unknown");
}

}  // namespace
}  // namespace podplay::control
