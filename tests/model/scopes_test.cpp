// Scopes only take away, and writing implies reading.
#include "model/scopes.hpp"

#include <gtest/gtest.h>

namespace podplay {
namespace {

using Words = std::vector<std::string>;

TEST(Scopes, AreWordsBothWays) {
  for (const Words& words : {Words{"all"}, Words{"users:write"}, Words{"mail:read", "audit:read"},
                             Words{"account:write", "dns:read"}}) {
    EXPECT_EQ(Scopes::parse(words)->words(), words);
  }
  EXPECT_EQ(Scopes::parse({"users:read", "users:write"})->words(), Words{"users:write"});
  EXPECT_TRUE(Scopes::parse({})->empty());
}

TEST(Scopes, WhoMayWriteMayRead) {
  const Scopes scopes = Scopes::parse({"users:write", "audit:read"}).value();
  EXPECT_TRUE(scopes.allows({Area::users, Access::read}));
  EXPECT_TRUE(scopes.allows({Area::users, Access::write}));
  EXPECT_TRUE(scopes.allows({Area::audit, Access::read}));
  EXPECT_FALSE(scopes.allows({Area::audit, Access::write}));
  EXPECT_FALSE(scopes.allows({Area::account, Access::read}));
}

TEST(Scopes, ReadIsEveryAreaAndNoWriting) {
  const Scopes read = Scopes::parse({"read"}).value();
  EXPECT_TRUE(read.allows({Area::certificates, Access::read}));
  EXPECT_FALSE(read.allows({Area::account, Access::write}));
  EXPECT_TRUE(read.is_within(Scopes::all()));
  EXPECT_FALSE(Scopes::all().is_within(read));
}

TEST(Scopes, OneSetLimitsAnother) {
  const Scopes both = Scopes::parse({"users:write", "mail:read"}).value() & Scopes::of(Area::users);
  EXPECT_EQ(both.words(), Words{"users:write"});
  EXPECT_TRUE((Scopes::of(Area::mail) & Scopes::of(Area::users)).empty());
}

TEST(Scopes, EachWrongWordIsAFault) {
  const auto refused = Scopes::parse({"users", "users:delete", "king:read", "mail:read"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().faults.size(), 3U);
  EXPECT_EQ(refused.error().faults[0].field, "scopes");
}

}  // namespace
}  // namespace podplay
