// A hash costs time once: its decoy is made once for each cost, and guesses are tried once.
#include "control/identity/hash_memory.hpp"

#include <gtest/gtest.h>

namespace podplay::control {
namespace {

TEST(HashMemory, ADecoyCostsWhatAHashCostsAndIsMadeOnce) {
  HashMemory memory;
  const HashCost cheap{.memory = 8192, .passes = 1};
  const std::string decoy = memory.decoy(cheap);
  const auto cost = cost_of_hash(decoy);
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->memory, cheap.memory);
  EXPECT_EQ(cost->passes, cheap.passes);
  EXPECT_EQ(memory.decoy(cheap), decoy);
  EXPECT_NE(memory.decoy({.memory = 8192, .passes = 2}), decoy);
}

TEST(HashMemory, APasswordIsAmongTheGuessesOrNot) {
  HashMemory memory;
  const std::string hash =
      hash_password(Secret("changeme"), {.memory = 8192, .passes = 1}).value_or("");
  ASSERT_NE(hash, "");
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_TRUE(memory.is_among(hash, {"admin", "changeme"}));
    EXPECT_FALSE(memory.is_among(hash, {"admin"})) << "other guesses are another question";
  }
}

}  // namespace
}  // namespace podplay::control
