// The words for roles, and for what a user may use.
#include "model/user.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

TEST(User, EveryRoleAndOfferHasItsWord) {
  for (const Role role : {Role::user, Role::domain_admin, Role::admin}) {
    EXPECT_EQ(parse_role(to_text(role)).value(), role);
  }
  for (const Offer offer : {Offer::mail, Offer::www, Offer::webdav}) {
    EXPECT_EQ(parse_offer(to_text(offer)).value(), offer);
  }
  EXPECT_EQ(to_text(Role::domain_admin), "domain-admin");
  EXPECT_FALSE(parse_role("root"));
}

}  // namespace
}  // namespace podplay
