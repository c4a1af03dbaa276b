// A mistyped name gets a suggestion, a foreign one none.
#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace podplay {
namespace {

TEST(Nearest, NamesTheOneThatWasMeant) {
  constexpr std::array<std::string_view, 3> kNames{"email", "password", "quota"};
  EXPECT_EQ(nearest_name("emial", kNames), "email");
  EXPECT_EQ(nearest_name("pasword", kNames), "password");
  EXPECT_EQ(nearest_name("certificate", kNames), "") << "nothing is near";
  EXPECT_EQ(nearest_name("email", {}), "");
}

}  // namespace
}  // namespace podplay
