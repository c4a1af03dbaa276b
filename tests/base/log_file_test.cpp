// The file sink on a real disk rotates and compresses without losing a line.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/log.hpp"
#include "base/runner.hpp"
#include "base/test_folder.hpp"

namespace podplay {
namespace {

using test::TestFolder;

TEST(LogFile, RotatesWithoutLosingALine) {
  const TestFolder folder;
  const std::string path = folder.path() + "/logs/x.log";
  {
    const auto sink = make_file_sink(path);
    const std::string line(1023, 'x');
    // 11 MiB lead to one rotation.
    for (int i = 0; i < 11 * 1024; ++i) {
      sink->write(line);
    }
  }
  std::size_t compressed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/logs")) {
    compressed += entry.path().extension() == ".gz";
  }
  EXPECT_EQ(compressed, 1U);
  ProcessRunner runner(silent_logger(), false);
  const auto count = runner.run(
      {.argv = {"sh", "-c", "(zcat " + folder.path() + "/logs/*.gz; cat " + path + ") | wc -l"}});
  EXPECT_EQ(count->out, "11264\n");
}

}  // namespace
}  // namespace podplay
