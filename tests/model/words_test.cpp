// The words for closed sets: service, role and so on.
#include <gtest/gtest.h>

#include "model/service.hpp"
#include "model/user.hpp"

namespace podplay {
namespace {

TEST(Words, RoundTripAndRefusal) {
  EXPECT_EQ(parse_role(to_text(Role::domain_admin)).value(), Role::domain_admin);
  const auto bad = parse_service("web");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().remedy, "use one of: apache, bind, mail");
}

}  // namespace
}  // namespace podplay
