// Sessions from before the end of a login are told apart from those after it.
#include "agent/lookups/ended_logins.hpp"

#include <gtest/gtest.h>

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;

TEST(EndedLogins, OnlyThoseFromBeforeHaveEnded) {
  EndedLogins logins;
  logins.end("ann@a.test", SteadyTime(10s));
  EXPECT_TRUE(logins.ended_since("ann@a.test", SteadyTime(9s)));
  EXPECT_TRUE(logins.ended_since("ann@a.test", SteadyTime(10s)));
  EXPECT_FALSE(logins.ended_since("ann@a.test", SteadyTime(11s)));
  EXPECT_FALSE(logins.ended_since("ben@a.test", SteadyTime(9s)));
}

TEST(EndedLogins, ADomainIsAllOfItsMailboxes) {
  EndedLogins logins;
  logins.end("@a.test", SteadyTime(10s));
  EXPECT_TRUE(logins.ended_since("ann@a.test", SteadyTime(9s)));
  EXPECT_FALSE(logins.ended_since("ann@b.a.test", SteadyTime(9s)));
  EXPECT_FALSE(logins.ended_since("nothing", SteadyTime(9s)));
}

TEST(EndedLogins, AFullMapEndsThoseFromBefore) {
  EndedLogins logins;
  logins.end("first@a.test", SteadyTime(1s));
  for (int i = 0; i < 100'000; ++i) {
    logins.end("u" + std::to_string(i) + "@a.test", SteadyTime(10s));
  }
  EXPECT_TRUE(logins.ended_since("first@a.test", SteadyTime(1s)));
  EXPECT_TRUE(logins.ended_since("another@a.test", SteadyTime(9s))) << "not known any more";
  EXPECT_FALSE(logins.ended_since("another@a.test", SteadyTime(11s)));
}

}  // namespace
}  // namespace podplay::agent
