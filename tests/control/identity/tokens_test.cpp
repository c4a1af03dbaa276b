// Tokens are kept in memory, and a deleted one is forgotten.
#include "control/identity/tokens.hpp"

#include <gtest/gtest.h>

#include "control/plane.hpp"

namespace podplay::control {
namespace {

TEST(TokenCache, DoesNotKeepWhatWasForgottenMeanwhile) {
  TokenCache cache;
  const WallTime now = SystemClock{}.now();
  // This is before the store is read.
  const std::uint64_t epoch = cache.epoch();
  // The token is deleted meanwhile.
  cache.forget_user(1);
  const Actor actor =
      Actor::of({.id = 1, .email = "x@a.test", .domain = "a.test", .role = Role::admin});
  cache.put("hash", actor, now + std::chrono::hours(1), epoch);
  EXPECT_FALSE(cache.find("hash", now));
  cache.put("hash", actor, now + std::chrono::hours(1), cache.epoch());
  EXPECT_TRUE(cache.find("hash", now));
}

}  // namespace
}  // namespace podplay::control
