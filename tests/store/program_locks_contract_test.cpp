// Locks between programs on both stores: PostgreSQL's belong to one of them, SQLite has only one.
#include <chrono>
#include <thread>

#include "store/program_locks.hpp"
#include "store/store_contract.hpp"

namespace podplay::store {
namespace {

class ProgramLocksContract : public StoreContractBase {
 protected:
  bool shared() const { return GetParam() == "postgresql"; }
};

TEST_P(ProgramLocksContract, OneProgramHasALockUntilItGivesItBackOrEnds) {
  auto first = std::make_unique<ProgramLocks>(url_);
  ProgramLocks second(url_);
  EXPECT_TRUE(first->hold(1).value());
  EXPECT_TRUE(first->hold(1).value()) << "it has it";
  EXPECT_EQ(second.hold(1).value(), !shared());
  EXPECT_TRUE(second.hold(2).value()) << "another lock";
  EXPECT_TRUE(first->release(1)) << "once is enough, although it was asked for twice";
  EXPECT_TRUE(second.hold(1).value());
  EXPECT_EQ(first->hold(2).value(), !shared());
  EXPECT_TRUE(first->release(2)) << "what it has not is no fault";
  EXPECT_EQ(first->hold(2).value(), !shared()) << "nor does it take it from another";
  EXPECT_TRUE(second.release(1));
  EXPECT_TRUE(first->hold(1).value());
  first.reset();
  // The server takes a moment to see that a connection has ended.
  bool taken = false;
  for (int i = 0; i < 500 && !taken; ++i) {
    taken = second.hold(1).value();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(taken) << "the first one has ended";
}

TEST_P(ProgramLocksContract, ALostConnectionTookItsLocksWithIt) {
  if (!shared()) {
    GTEST_SKIP() << "SQLite has no connections to lose";
  }
  ProgramLocks first(url_);
  ProgramLocks second(url_);
  ASSERT_TRUE(first.hold(1).value());
  server().end_connections("advisory");
  EXPECT_FALSE(first.hold(1)) << "it must not believe that it has it still";
  EXPECT_TRUE(second.hold(1).value());
  EXPECT_FALSE(first.hold(1).value()) << "it is connected again, and another has it";
}

INSTANTIATE_TEST_SUITE_P(Stores, ProgramLocksContract, kBothStores, name_of_store);

}  // namespace
}  // namespace podplay::store
