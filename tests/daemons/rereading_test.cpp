// A daemon that reads its configuration again, and what tells when it has.
#include "daemons/rereading.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/test_folder.hpp"

namespace podplay::daemons {
namespace {

TEST(Rereading, IsOverWhenTheMarkIsAnother) {
  std::string mark = "7";
  Rereading rereading([&] { return mark; });
  EXPECT_FALSE(rereading.is_under_way()) << "it was told nothing";
  rereading.begin();
  EXPECT_TRUE(rereading.is_under_way());
  mark = "";
  EXPECT_TRUE(rereading.is_under_way()) << "it is too busy to tell";
  mark = "8";
  EXPECT_FALSE(rereading.is_under_way());
  mark = "7";
  EXPECT_FALSE(rereading.is_under_way()) << "it is over";
}

TEST(Rereading, OfADaemonThatTellsNothingIsNotKnown) {
  Rereading rereading([] { return std::string(); });
  rereading.begin();
  EXPECT_FALSE(rereading.is_under_way());
}

TEST(SendSignal, SaysWhenTheDaemonDoesNotRun) {
  test::TestFolder folder;
  const std::string file = folder.path() + "/pid";
  EXPECT_FALSE(send_signal("Apache", file, 0));
  for (const char* bad : {"", "x", "0", "1", "-5"}) {
    std::ofstream(file) << bad << "\n";
    const Status sent = send_signal("Apache", file, 0);
    ASSERT_FALSE(sent) << bad;
    EXPECT_EQ(sent.error().message, "Apache does not run yet");
  }
  std::ofstream(file) << ::getpid() << "\n";
  EXPECT_TRUE(send_signal("Apache", file, 0));
}

}  // namespace
}  // namespace podplay::daemons
