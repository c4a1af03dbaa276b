// The real file system: a write is whole or not there, links are swapped, errors name the path.
#include "base/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/test_folder.hpp"

namespace podplay {
namespace {

using test::TestFolder;

TEST(Files, WritesAtomicallyWithMode) {
  const TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/a/b";
  ASSERT_FALSE(files.write_atomic(path, "x", 0640, {})) << "the parent does not exist";
  ASSERT_TRUE(files.make_dirs(folder.path() + "/a", 0750));
  ASSERT_TRUE(files.write_atomic(path, "one", 0640, {}));
  ASSERT_TRUE(files.write_atomic(path, "two", 0640, {}));
  EXPECT_EQ(files.read(path).value(), "two");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
  EXPECT_EQ(files.list(folder.path() + "/a").value(), std::vector<std::string>{"b"})
      << "nothing is left beside";
}

TEST(Files, AFolderIsNotMadeWhereALinkLeadsNowhere) {
  const TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/site";
  std::filesystem::create_symlink(folder.path() + "/elsewhere", path);
  EXPECT_FALSE(files.make_dirs(path, 0755));
  EXPECT_FALSE(files.exists(folder.path() + "/elsewhere"));
}

// The folder may belong to a daemon that an attacker has taken over.
TEST(Files, FollowsNoLinkThatLiesInTheWay) {
  const TestFolder folder;
  RealFiles files;
  const std::string victim = folder.path() + "/victim";
  const std::string path = folder.path() + "/file";
  ASSERT_TRUE(files.write_atomic(victim, "mine", 0644, {}));
  std::filesystem::create_symlink(victim, path + ".new." + std::to_string(::getpid()));
  ASSERT_TRUE(files.write_atomic(path, "new", 0644, {}));
  EXPECT_EQ(files.read(victim).value(), "mine");
  EXPECT_EQ(files.read(path).value(), "new");
}

TEST(Files, AddsALinkOnlyWhereNothingIs) {
  const TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/file";
  ASSERT_TRUE(files.write_atomic(path, "a person's", 0644, {}));
  ASSERT_TRUE(files.add_link("one", path));
  EXPECT_EQ(files.read(path).value(), "a person's");
  const std::string link = folder.path() + "/link";
  ASSERT_TRUE(files.add_link("one", link));
  ASSERT_TRUE(files.add_link("two", link));
  EXPECT_EQ(files.read_link(link).value(), "one");
  EXPECT_FALSE(files.add_link("one", folder.path() + "/none/link"));
}

TEST(Files, SwapsLinksAndNamesWhatFails) {
  const TestFolder folder;
  RealFiles files;
  const std::string link = folder.path() + "/current";
  ASSERT_TRUE(files.swap_link("one", link));
  ASSERT_TRUE(files.swap_link("two", link));
  EXPECT_EQ(files.read_link(link).value(), "two");
  const auto missing = files.read(folder.path() + "/none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().message.find("/none: No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace podplay
