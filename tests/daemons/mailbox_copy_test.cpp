// A mailbox in pieces, on a real file system.
#include "daemons/mailbox_copy.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/encoding.hpp"
#include "base/test_folder.hpp"

namespace podplay::daemons {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class MailboxCopyTest : public testing::Test {
 protected:
  void make(const std::string& path, const std::string& content) {
    const fs::path whole = home() / path;
    fs::create_directories(whole.parent_path());
    std::ofstream(whole) << content;
  }
  fs::path home() const { return fs::path(folder_.path()) / "a@example.test"; }
  Json ask(Json arguments) {
    arguments["mailbox"] = "a@example.test";
    const auto answer = copy_mailbox(folder_.path(), arguments);
    EXPECT_TRUE(answer) << describe(answer.error());
    return Json::parse(answer.value_or("{}"));
  }
  // All files, put together from pieces of this size.
  std::map<std::string, std::string> copy(std::int64_t most,
                                          const std::function<void(int)>& between = {}) {
    std::map<std::string, std::string> files;
    Json next = Json::object();
    std::string path;
    for (int i = 0; next.is_object() && i < 1000; ++i) {
      Json arguments = next;
      arguments["most"] = most;
      const Json answer = ask(arguments);
      for (const Json& piece : answer["files"]) {
        if (piece.contains("gone")) {
          files.erase(path);
          continue;
        }
        path = piece["path"];
        if (piece["offset"] == 0) {
          files[path].clear();
        }
        files[path] += from_base64(piece["data"].get<std::string>()).value();
      }
      next = answer["next"];
      if (between) {
        between(i);
      }
    }
    return files;
  }

  test::TestFolder folder_;
};

TEST_F(MailboxCopyTest, HasAllFilesButDovecotsOwn) {
  make("mail/cur/1.host:2,S", "one");
  make("mail/new/2.host", "two");
  make("mail/.Sent/cur/3.host:2,", std::string(1000, 'x'));
  make("mail/subscriptions", "Sent\n");
  make("mail/dovecot.index.log", "index");
  make("mail/tmp/4.host", "not whole");
  make("sieve/filter.sieve", "keep;");
  make(".dovecot.svbin", "binary");
  fs::create_symlink("/etc/passwd", home() / "mail/cur/5.host");
  const std::map<std::string, std::string> wanted{
      {"mail/cur/1.host:2,S", "one"},
      {"mail/new/2.host", "two"},
      {"mail/.Sent/cur/3.host:2,", std::string(1000, 'x')},
      {"mail/subscriptions", "Sent\n"},
      {"sieve/filter.sieve", "keep;"}};
  EXPECT_EQ(copy(4096), wanted);
  EXPECT_EQ(copy(7), wanted);
  EXPECT_EQ(ask({{"most", 1}})["bytes"], 1016);
}

TEST_F(MailboxCopyTest, AMessageThatIsReadMeanwhileComesOnce) {
  make("mail/new/1.host", std::string(20, 'a'));
  make("mail/new/2.host", std::string(20, 'b'));
  const auto files = copy(10, [&](int i) {
    if (i == 1) {
      fs::create_directories(home() / "mail/cur");
      fs::rename(home() / "mail/new/1.host", home() / "mail/cur/1.host:2,S");
    }
  });
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files.begin()->second, std::string(20, 'a'));
}

TEST_F(MailboxCopyTest, AMessageThatIsDeletedMeanwhileIsLeftOut) {
  make("mail/cur/1.host:2,", std::string(20, 'a'));
  make("mail/cur/2.host:2,", "two");
  const auto files = copy(10, [&](int i) {
    if (i == 0) {
      fs::remove(home() / "mail/cur/1.host:2,");
    }
  });
  EXPECT_EQ(files, (std::map<std::string, std::string>{{"mail/cur/2.host:2,", "two"}}));
}

TEST_F(MailboxCopyTest, AMailboxThatNeverGotAMailIsEmpty) {
  const Json answer = ask({{"most", 100}});
  EXPECT_TRUE(answer["files"].empty());
  EXPECT_TRUE(answer["next"].is_null());
}

TEST_F(MailboxCopyTest, OnlyAddressesAreMailboxes) {
  EXPECT_FALSE(copy_mailbox(folder_.path(), {{"mailbox", "../etc"}, {"most", 1}}));
  EXPECT_FALSE(copy_mailbox(folder_.path(), {{"most", 1}}));
}

}  // namespace
}  // namespace podplay::daemons
