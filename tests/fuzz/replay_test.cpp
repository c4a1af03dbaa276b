// Every input of the corpus, found or written, is stood again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fuzz/targets.hpp"

namespace podplay::fuzz {
namespace {

namespace fs = std::filesystem;

TEST(Fuzz, TheCorpusIsStood) {
  for (const Target& target : targets()) {
    const fs::path folder = fs::path("tests/fuzz/corpus") / target.name;
    ASSERT_TRUE(fs::is_directory(folder)) << folder;
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      SCOPED_TRACE(entry.path().string());
      std::ifstream file(entry.path(), std::ios::binary);
      std::stringstream content;
      content << file.rdbuf();
      target.run(content.str());
      ++count;
    }
    EXPECT_GE(count, 3) << folder;
  }
}

TEST(Fuzz, EveryCorpusHasItsTarget) {
  for (const auto& entry : fs::directory_iterator("tests/fuzz/corpus")) {
    EXPECT_NE(find_target(entry.path().filename().string()), nullptr) << entry.path();
  }
}

}  // namespace
}  // namespace podplay::fuzz
