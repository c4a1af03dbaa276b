// Folders of deleted mailboxes and sites: listed, erased, restored; on a real file system.
#include "daemons/deleted_folders.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/test_folder.hpp"
#include "daemons/restore_site.hpp"

namespace podplay::daemons {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using namespace std::chrono_literals;

class DeletedFoldersTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void make(const std::string& name, const std::string& content = "hello") {
    fs::create_directories(root_ + "/" + name + "/mail/cur");
    std::ofstream(root_ + "/" + name + "/mail/cur/1") << content;
  }
  static WallTime now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  Json run(const std::string& verb, const Json& arguments) {
    const auto answer = run_deleted_verb(folders_, verb, arguments,
                                         [](const DeletedFolder& folder) -> Result<Json> {
                                           return Json{{"restored", folder.name}};
                                         });
    return answer ? Json::parse(*answer) : Json{{"code", answer.error().code}};
  }

  test::TestFolder folder_;
  std::string root_ = folder_.path() + "/deleted";
  DeletedFolders folders_{root_};
};

TEST_F(DeletedFoldersTest, OnlyNamesWithARevisionAreTaken) {
  const auto parsed = parse_deleted_folder("a-b@example.test-42");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->name, "a-b@example.test");
  EXPECT_EQ(parsed->revision, 42U);
  for (const char* name : {"", "-1", "a", "a-", "a-x", "a-1x", ".erasing-a-1", "../a-1", "a/b-1"}) {
    EXPECT_FALSE(parse_deleted_folder(name)) << name;
  }
}

TEST_F(DeletedFoldersTest, field_case_04_ALongNameIsKeptInAHolder) {
  const std::string name = std::string(247, 'n') + "@x.test";
  const std::string other = std::string(246, 'm') + "@x.test";
  for (const std::string& one : {name, other}) {
    EXPECT_EQ(deleted_path(root_, one, "42"), root_ + "/~42/" + one);
    make("~42/" + one);
  }
  make("~tilde@x.test-1");
  EXPECT_EQ(deleted_path(root_, "a@x.test", "42"), root_ + "/a@x.test-42");
  EXPECT_EQ(folders_.list()->size(), 3U);
  const auto found = folders_.find(name + "-42");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, name);
  EXPECT_EQ(folders_.path_of(*found), root_ + "/~42/" + name);
  ASSERT_TRUE(folders_.erase(*found));
  EXPECT_FALSE(folders_.find(name + "-42"));
  EXPECT_TRUE(fs::exists(root_ + "/~42")) << "it holds another one";
  ASSERT_TRUE(folders_.erase(folders_.find(other + "-42").value()));
  EXPECT_FALSE(fs::exists(root_ + "/~42"));
}

TEST_F(DeletedFoldersTest, AreListedNewestFirstInPages) {
  make("a@x.test-1");
  std::this_thread::sleep_for(20ms);
  make("b@x.test-2", "longer text");
  fs::create_directories(root_ + "/.erasing-c@x.test-3");
  std::ofstream(root_ + "/d@x.test-4") << "a file";
  fs::create_symlink("/etc", root_ + "/e@x.test-5");
  const Json first = run("deleted_list", {{"offset", 0}, {"limit", 1}});
  EXPECT_EQ(first["total"], 2);
  EXPECT_EQ(first["folders"].size(), 1U);
  EXPECT_EQ(first["folders"][0]["folder"], "b@x.test-2");
  EXPECT_EQ(first["folders"][0]["bytes"], 11);
  EXPECT_EQ(first["folders"][0]["revision"], 2);
  const Json second = run("deleted_list", {{"offset", 1}, {"limit", 9}});
  EXPECT_EQ(second["folders"][0]["name"], "a@x.test");
  EXPECT_EQ(run("deleted_list", {{"folder", "a@x.test-1"}})["folders"].size(), 1U);
  EXPECT_EQ(run("deleted_list", {{"folder", "e@x.test-5"}})["code"], "folder_unknown");
  EXPECT_EQ(DeletedFolders(folder_.path() + "/none").list()->size(), 0U);
}

TEST_F(DeletedFoldersTest, EraseByNameOrAge) {
  make("a@x.test-1");
  make("b@x.test-2");
  std::this_thread::sleep_for(20ms);
  const WallTime between = now();
  std::this_thread::sleep_for(20ms);
  make("c@x.test-3");
  fs::create_directories(root_ + "/.erasing-old@x.test-9/mail");
  EXPECT_EQ(run("deleted_erase", {{"folder", "a@x.test-1"}})["erased"], 1);
  EXPECT_EQ(run("deleted_erase", {{"folder", "a@x.test-1"}})["code"], "folder_unknown");
  EXPECT_EQ(run("deleted_erase", Json::object())["code"], "bad_message");
  const Json old = run("deleted_erase", {{"older_than", to_millis(between)}});
  EXPECT_EQ(old["erased"], 1);
  EXPECT_EQ(old["more"], false);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1)
      << "c, and nothing half erased";
}

TEST_F(DeletedFoldersTest, ErasingEndsWithItsTime) {
  make("a@x.test-1");
  const auto none = folders_.erase_older(now() + 1h, -1ms);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->folders, 0);
  EXPECT_TRUE(none->more);
}

TEST_F(DeletedFoldersTest, ARenameIsTheTimeOfDeletion) {
  const std::string old = folder_.path() + "/users/a@x.test";
  fs::create_directories(old + "/mail");
  const timespec long_ago[2] = {{.tv_sec = 1000, .tv_nsec = 0}, {.tv_sec = 1000, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, old.c_str(), long_ago, 0), 0);
  std::this_thread::sleep_for(20ms);
  const WallTime before = now();
  fs::rename(old, root_ + "/a@x.test-1");
  const auto found = folders_.find("a@x.test-1");
  ASSERT_TRUE(found);
  EXPECT_GE(found->deleted + 15ms, before) << "not the folder's modification time";
}

TEST_F(DeletedFoldersTest, RestoreNamesOneThatIsThere) {
  make("a@x.test-1");
  EXPECT_EQ(run("deleted_restore", {{"folder", "a@x.test-1"}})["restored"], "a@x.test");
  EXPECT_EQ(run("deleted_restore", {{"folder", "a@x.test-2"}})["code"], "folder_unknown");
}

TEST_F(DeletedFoldersTest, ASiteComesBackWhereNothingIs) {
  make("x.test-1");
  const std::string sites = folder_.path() + "/www";
  fs::create_directories(sites + "/x.test");
  fs::create_directories(sites + "/full.test");
  std::ofstream(sites + "/full.test/index.html") << "mine";
  const auto restore = [&](const std::string& site) {
    return restore_site(sites, folders_, folders_.find("x.test-1").value(), {{"site", site}});
  };
  EXPECT_EQ(restore("full.test").error().code, "site_not_empty");
  EXPECT_EQ(restore("../etc").error().code, "bad_message");
  fs::create_symlink("/tmp", sites + "/link.test");
  EXPECT_EQ(restore("link.test").error().code, "site_not_empty");
  const auto restored = restore("x.test");
  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_TRUE(fs::exists(sites + "/x.test/mail/cur/1"));
  EXPECT_TRUE(fs::exists(sites + "/full.test/index.html"));
  EXPECT_FALSE(folders_.find("x.test-1"));
}

}  // namespace
}  // namespace podplay::daemons
