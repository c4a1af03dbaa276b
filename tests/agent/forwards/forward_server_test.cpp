// Mail that is sent on: its addresses, and what a client of the socket sees.
#include "agent/forwards/forward_server.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/test_folder.hpp"
#include "net/line_client.hpp"

namespace podplay::agent {
namespace {

TEST(ForwardAddress, NamesTargetAndAlias) {
  for (const auto& [target, alias] :
       {std::pair<std::string, std::string>{"far@else.test", "ext@a.test"},
        {"a/b=c+d@else.test", "x=y@a.test"},
        {"far@else.test", "@a.test"}}) {
    const auto parsed = parse_forward(to_address({.target = target, .alias = alias}));
    ASSERT_TRUE(parsed) << target;
    EXPECT_EQ(parsed->target, target);
    EXPECT_EQ(parsed->alias, alias);
  }
  for (const char* bad :
       {"", "far@else.test", "far=else.test@forward.podplay.invalid",
        "far/ext=a.test@forward.podplay.invalid", "-f=else.test/ext=a.test@forward.podplay.invalid",
        "far=else.test/ext=a.test@else.test"}) {
    EXPECT_FALSE(parse_forward(bad)) << bad;
  }
}

TEST(ForwardSender, IsThePostmasterOfTheAliassDomain) {
  EXPECT_EQ(forward_sender("ext@a.test"), "postmaster+ext@a.test");
  EXPECT_EQ(forward_sender("@a.test"), "postmaster@a.test");
  EXPECT_EQ(forward_sender("postmaster@a.test"), "postmaster@a.test");
  EXPECT_EQ(forward_sender(std::string(64, 'x') + "@a.test"), "postmaster@a.test")
      << "RFC 5321 section 4.5.3.1.1";
}

TEST(ForwardMark, IsFoundInTheHeaderOnly) {
  EXPECT_TRUE(has_mark("Subject: x\r\ndelivered-to:  Ext@A.test \r\n\r\n", "ext@a.test"));
  EXPECT_FALSE(has_mark("Subject: x\n\nDelivered-To: ext@a.test\n", "ext@a.test"));
  EXPECT_FALSE(has_mark("Delivered-To: other@a.test\n\n", "ext@a.test"));
}

// Keeps what sendmail was given.
struct FakeSendmail final : Runner {
  std::vector<Command> commands;
  int exit_code = 0;
  Result<Outcome> run(const Command& command) override {
    commands.push_back(command);
    return Outcome{.exit_code = exit_code, .out = "", .err = "no room"};
  }
};

class ForwardServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.listen(path_, ""));
    thread_ = std::thread([this] { server_.run(); });
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }
  // The reply to the message.
  std::string deliver(const std::string& sender, const std::string& message) {
    auto client = net::LineClient::connect_unix(path_, std::chrono::milliseconds{5000}).value();
    EXPECT_TRUE(client->read_smtp_reply()->starts_with("220"));
    for (const std::string& line :
         {std::string("LHLO x"), "MAIL FROM:<" + sender + "> SIZE=100",
          std::string("RCPT TO:<far=else.test/ext=a.test@forward.podplay.invalid>"),
          std::string("DATA")}) {
      EXPECT_TRUE(client->send_line(line));
      EXPECT_LT(client->read_smtp_reply()->front(), '4') << line;
    }
    EXPECT_TRUE(client->send_raw(message + "\r\n.\r\n"));
    return client->read_smtp_reply().value();
  }

  test::TestFolder folder_;
  const std::string path_ = folder_.path() + "/forward";
  FakeSendmail sendmail_;
  ForwardServer server_{
      sendmail_,
      [](const std::string& address) -> Result<bool> { return address.ends_with("@a.test"); },
      silent_logger()};
  std::thread thread_;
};

TEST_F(ForwardServerTest, field_case_20_MailLeavesWithASenderOfOurs) {
  EXPECT_EQ(deliver("x@y.test", "Subject: s\r\n\r\n..dot\r\nlast"),
            "250 2.0.0 sent on as postmaster+ext@a.test");
  ASSERT_EQ(sendmail_.commands.size(), 1U);
  EXPECT_EQ(sendmail_.commands[0].argv,
            (std::vector<std::string>{"/usr/sbin/sendmail", "-G", "-i", "-f",
                                      "postmaster+ext@a.test", "--", "far@else.test"}));
  EXPECT_EQ(sendmail_.commands[0].input, "Delivered-To: ext@a.test\nSubject: s\n\n.dot\nlast\n");
  deliver("", "Subject: a bounce\r\n\r\n");
  EXPECT_EQ(sendmail_.commands[1].argv[4], "<>") << "a bounce stays one";
  deliver("Ann@a.test", "Subject: ours\r\n\r\n");
  EXPECT_EQ(sendmail_.commands[2].argv[4], "Ann@a.test");
}

TEST_F(ForwardServerTest, MailThatWentRoundIsRefused) {
  EXPECT_TRUE(deliver("x@y.test", "Delivered-To: ext@a.test\r\n\r\n").starts_with("554 5.4.6"));
  EXPECT_TRUE(sendmail_.commands.empty());
}

TEST_F(ForwardServerTest, WhatSendmailCannotTakeNowComesAgain) {
  sendmail_.exit_code = 75;
  EXPECT_EQ(deliver("x@y.test", "Subject: s\r\n\r\n"), "451 4.3.0 no room");
  sendmail_.exit_code = 65;
  EXPECT_EQ(deliver("x@y.test", "Subject: s\r\n\r\n"), "554 5.3.0 no room");
}

}  // namespace
}  // namespace podplay::agent
