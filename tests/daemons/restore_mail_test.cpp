// A restore runs the right doveadm commands, or none. Their effect depends on Dovecot and is tested
// by tests/pod.
#include "daemons/restore_mail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/test_folder.hpp"

namespace podplay::daemons {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Answers as doveadm does, and keeps what was asked.
struct FakeDoveadm final : Runner {
  std::string messages = "0";
  std::string quota = "storage\tSTORAGE\t1\t100\t1\n";
  std::string folders;
  std::vector<std::vector<std::string>> commands;

  // What the file behind -F names, in the order of the commands.
  std::vector<std::string> mailboxes;

  Result<Outcome> run(const Command& command) override {
    commands.push_back(command.argv);
    const auto option = std::ranges::find(command.argv, "-F");
    if (option != command.argv.end()) {
      std::getline(std::ifstream(*(option + 1)), mailboxes.emplace_back());
      commands.back()[static_cast<std::size_t>(option - command.argv.begin()) + 1] = "FILE";
    }
    Outcome outcome;
    const auto asks = [&](const char* word) {
      return std::ranges::find(command.argv, word) != command.argv.end();
    };
    if (asks("status")) {
      outcome.out = "messages\n" + messages + "\n";
    } else if (asks("quota")) {
      outcome.out = "Quota name\tType\tValue\tLimit\t%\n" + quota;
    } else if (asks("list")) {
      outcome.out = folders;
    }
    return outcome;
  }
  // The only import command.
  std::vector<std::string> import() const {
    for (const auto& argv : commands) {
      if (argv.at(1) == "import") {
        return argv;
      }
    }
    return {};
  }
};

class RestoreMailTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ + "/a@x.test-1/mail/cur");
    std::ofstream(root_ + "/a@x.test-1/mail/cur/1") << std::string(3000, 'x');
  }
  Result<Json> restore(const std::string& mailbox) {
    return restore_mail(doveadm_, folders_, folders_.find("a@x.test-1").value(),
                        {{"mailbox", mailbox}, {"date", "2026-11-25"}});
  }

  test::TestFolder folder_;
  std::string root_ = folder_.path() + "/deleted";
  DeletedFolders folders_{root_};
  FakeDoveadm doveadm_;
};

TEST_F(RestoreMailTest, AnEmptyMailboxGetsEverythingWhereItWas) {
  const auto restored = restore("b@x.test");
  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_EQ(doveadm_.import(),
            (std::vector<std::string>{"/usr/bin/doveadm", "import", "-F", "FILE", "-s", "-p",
                                      "mailbox_list_storage_escape_char=\x7f", "-p",
                                      "namespace_separator=/",
                                      "maildir:" + root_ + "/a@x.test-1/mail", "", "all"}));
  EXPECT_EQ(doveadm_.mailboxes.back(), "b@x.test");
  EXPECT_EQ((*restored)["into"], "");
  EXPECT_FALSE(folders_.find("a@x.test-1")) << "it is not deleted any more";
}

TEST_F(RestoreMailTest, AnotherOneGetsAFolderOfItsOwn) {
  doveadm_.messages = "5";
  doveadm_.folders = "Restored/2026-11-25\nRestored/2026-11-25 2/INBOX\n";
  const auto restored = restore("b@x.test");
  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_EQ((*restored)["into"], "Restored/2026-11-25 3");
  EXPECT_EQ(doveadm_.import().at(10), "Restored/2026-11-25 3");
}

TEST_F(RestoreMailTest, WhatDoesNotFitIsRefusedBeforehand) {
  doveadm_.quota = "storage\tSTORAGE\t98\t100\t98\nstorage\tMESSAGE\t9\t-\t0\n";
  const auto refused = restore("b@x.test");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "quota_exceeded");
  EXPECT_TRUE(doveadm_.import().empty()) << "Dovecot would panic after a part of the messages";
  EXPECT_TRUE(folders_.find("a@x.test-1"));
  doveadm_.quota = "storage\tSTORAGE\t98\t-\t0\n";
  EXPECT_TRUE(restore("b@x.test")) << "no limit";
}

TEST_F(RestoreMailTest, AMailboxThatNeverGotMailIsJustGone) {
  fs::remove_all(root_ + "/a@x.test-1/mail");
  const auto restored = restore("b@x.test");
  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_TRUE(doveadm_.commands.empty()) << "an import would make the folder";
  EXPECT_FALSE(folders_.find("a@x.test-1"));
}

TEST_F(RestoreMailTest, OnlyAnAddressIsAMailbox) {
  for (const char* mailbox : {"", "-A", "a b@x.test", "../x@x.test", "x", "a/b@x.test"}) {
    EXPECT_FALSE(restore(mailbox)) << mailbox;
  }
  EXPECT_TRUE(doveadm_.commands.empty());
}

TEST_F(RestoreMailTest, ANameWithAPatternIsThatMailbox) {
  ASSERT_TRUE(restore("*?%@x.test"));
  EXPECT_EQ(doveadm_.mailboxes.back(), "*?%@x.test");
  for (const auto& argv : doveadm_.commands) {
    EXPECT_EQ(std::ranges::find(argv, "*?%@x.test"), argv.end()) << "in argv it would be a pattern";
  }
}

}  // namespace
}  // namespace podplay::daemons
