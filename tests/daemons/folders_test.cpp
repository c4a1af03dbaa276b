// Folders with an owner of their own, in places where a daemon may have put a link.
#include "daemons/folders.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/test_folder.hpp"

namespace podplay::daemons {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

TEST(Folders, AreMadeAndGetTheirModeAgain) {
  const test::TestFolder folder;
  const std::string path = folder.path() + "/new";
  ASSERT_TRUE(make_folder(path, 0750));
  EXPECT_EQ(mode_of(path), 0750U);
  ASSERT_TRUE(make_folder(path, 0700));
  EXPECT_EQ(mode_of(path), 0700U);
}

TEST(Folders, ALinkInTheWayIsNotFollowed) {
  const test::TestFolder folder;
  const std::string victim = folder.path() + "/victim";
  ASSERT_TRUE(make_folder(victim, 0700));
  const std::string path = folder.path() + "/link";
  std::filesystem::create_directory_symlink(victim, path);
  EXPECT_FALSE(make_folder(path, 0777));
  EXPECT_EQ(mode_of(victim), 0700U);
}

}  // namespace
}  // namespace podplay::daemons
