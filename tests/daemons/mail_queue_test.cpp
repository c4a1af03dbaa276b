// The queue is read as it comes, filtered, paged and worked on; programs of a test stand in for
// Postfix's.
#include "daemons/mail_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/test_folder.hpp"
#include "daemons/queue_reading.hpp"

namespace podplay::daemons {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json waiting(const std::string& id, std::int64_t arrival, const std::string& sender,
             const std::vector<std::string>& recipients, const std::string& state = "deferred") {
  Json to = Json::array();
  for (const std::string& recipient : recipients) {
    to.push_back({{"address", recipient}, {"delay_reason", "connect to mx: Connection refused"}});
  }
  return {{"queue_name", state}, {"queue_id", id},   {"arrival_time", arrival},
          {"message_size", 100}, {"sender", sender}, {"forced_expire", false},
          {"recipients", to}};
}

class MailQueueTest : public testing::Test {
 protected:
  void fill(const std::vector<Json>& messages) {
    std::ofstream out(queue_);
    for (const Json& message : messages) {
      out << message.dump() << "\n";
    }
  }
  void script(const std::string& path, const std::string& text) {
    std::ofstream(path) << "#!/bin/sh\n" << text;
    fs::permissions(path, fs::perms::owner_all);
  }
  std::string said(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  Json list(const Json& arguments) { return parsed(list_queue(runner_, arguments, programs_)); }
  Json act(const Json& arguments) { return parsed(act_on_queue(runner_, arguments, programs_)); }
  static Json parsed(const Result<std::string>& answer) {
    return answer ? Json::parse(*answer) : Json{{"code", answer.error().code}};
  }
  static std::vector<std::string> ids(const Json& answer) {
    std::vector<std::string> found;
    for (const Json& message : answer.at("messages")) {
      found.push_back(message.at("queue_id"));
    }
    return found;
  }

  using Ids = std::vector<std::string>;
  test::TestFolder folder_;
  std::string queue_ = folder_.path() + "/queue";
  std::string superlog_ = folder_.path() + "/postsuper.said";
  std::string trylog_ = folder_.path() + "/postqueue.said";
  QueuePrograms programs_{.list = {"/bin/cat", queue_},
                          .postsuper = folder_.path() + "/postsuper",
                          .postqueue = folder_.path() + "/postqueue"};
  ProcessRunner runner_{silent_logger(), false};
};

TEST_F(MailQueueTest, APageIsTheOldestFirstAndGoesOnWhereItEnded) {
  fill({waiting("CCCCC", 30, "a@x.test", {"b@y.test"}),
        waiting("AAAAA", 10, "a@x.test", {"b@y.test"}),
        waiting("BBBBB", 10, "a@x.test", {"b@y.test"})});
  const Json first = list({{"limit", 2}});
  EXPECT_EQ(ids(first), (Ids{"AAAAA", "BBBBB"}));
  EXPECT_EQ(first["matched"], 3);
  EXPECT_EQ(first["truncated"], true);
  const Json rest = list({{"limit", 2}, {"after", {{"arrival_time", 10}, {"queue_id", "BBBBB"}}}});
  EXPECT_EQ(ids(rest), Ids{"CCCCC"});
  EXPECT_EQ(rest["truncated"], false);
}

TEST_F(MailQueueTest, EveryFilterCounts) {
  fill({waiting("AAAAA", 10, "Ann@X.test", {"b@y.test"}),
        waiting("BBBBB", 20, "MAILER-DAEMON", {"c@Z.test", "d@w.test"}, "hold"),
        waiting("CCCCC", 30, "e@v.test", {"F+lists@x.test"}, "active")});
  struct Row {
    Json filter;
    Ids found;
  };
  for (const Row& row :
       std::vector<Row>{{{{"sender", "ann@x.TEST"}}, {"AAAAA"}},
                        {{{"sender", "<>"}}, {"BBBBB"}},
                        {{{"recipient", "d@w.test"}}, {"BBBBB"}},
                        {{{"recipient", "f@x.test"}}, {}},
                        {{{"recipient", "f@x.test"}, {"with_details", true}}, {"CCCCC"}},
                        {{{"domain", "x.test"}}, {"AAAAA", "CCCCC"}},
                        {{{"domain", "est"}}, {}},
                        {{{"state", "hold"}}, {"BBBBB"}},
                        {{{"arrived_before", 20}}, {"AAAAA"}},
                        {{{"reason", "connection REFUSED"}}, {"AAAAA", "BBBBB", "CCCCC"}},
                        {{{"reason", "greylisted"}}, {}},
                        {{{"queue_ids", {"CCCCC", "DDDDD"}}}, {"CCCCC"}}}) {
    EXPECT_EQ(ids(list({{"filter", row.filter}})), row.found) << row.filter;
  }
}

TEST_F(MailQueueTest, ADomainAdminSeesHisOwnMessagesOnly) {
  fill({waiting("AAAAA", 10, "ann@mine.test", {"b@y.test", "c@z.test"}),
        waiting("BBBBB", 20, "x@far.test", {"ben@mine.test", "secret@other.test"}),
        waiting("CCCCC", 30, "x@far.test", {"secret@other.test"})});
  const Json filter{{"domains", {"mine.test"}}};
  const Json seen = list({{"filter", filter}});
  EXPECT_EQ(ids(seen), (Ids{"AAAAA", "BBBBB"}));
  EXPECT_EQ(seen["messages"][0]["recipients"].size(), 2U) << "he may see whom his user writes to";
  EXPECT_EQ(seen.dump().find("secret"), std::string::npos) << seen;
  EXPECT_EQ(seen["matched"], 2);
  // Nor can he find out by asking for it.
  EXPECT_TRUE(
      ids(list({{"filter", {{"domains", {"mine.test"}}, {"recipient", "secret@other.test"}}}}))
          .empty());
  EXPECT_TRUE(
      ids(list({{"filter", {{"domains", {"mine.test"}}, {"domain", "other.test"}}}})).empty());
  EXPECT_TRUE(ids(list({{"filter", {{"domains", Json::array()}}}})).empty());
  const Json would = act({{"action", "delete"}, {"dry_run", true}, {"filter", filter}});
  EXPECT_EQ(would["queue_ids"], Json{"AAAAA"}) << "BBBBB is somebody else's, too";
  EXPECT_EQ(act({{"action", "retry"}, {"dry_run", true}, {"filter", filter}})["queue_ids"],
            (Json{"AAAAA", "BBBBB"}));
}

TEST_F(MailQueueTest, AnActionTouchesWhatItNamesAndAsksAgain) {
  script(programs_.postsuper, "echo \"$1 $2\" >>" + superlog_ + "; cat >>" + superlog_ +
                                  "; sed -i '/AAAAA/d' " + queue_ + "\n");
  fill({waiting("AAAAA", 10, "a@x.test", {"b@y.test"}),
        waiting("BBBBB", 20, "z@x.test", {"b@y.test"})});
  const Json filter{{"sender", "a@x.test"}};
  const Json would = act({{"action", "delete"}, {"filter", filter}, {"dry_run", true}});
  EXPECT_EQ(would["count"], 1);
  EXPECT_EQ(would["queue_ids"], Json{"AAAAA"});
  EXPECT_FALSE(fs::exists(superlog_)) << "a dry run does nothing";
  const Json done = act({{"action", "delete"}, {"filter", filter}});
  EXPECT_EQ(done["count"], 1);
  EXPECT_EQ(done["messages"][0]["queue_id"], "AAAAA");
  EXPECT_EQ(said(superlog_), "-d -\nAAAAA\n");
  EXPECT_EQ(act({{"action", "delete"}, {"filter", filter}})["count"], 0) << "nothing is left";
  // This one stays, whatever postsuper says.
  EXPECT_EQ(act({{"action", "delete"}, {"filter", {{"sender", "z@x.test"}}}})["code"],
            "queue_unchanged");
}

TEST_F(MailQueueTest, EachActionIsForMessagesInItsStates) {
  script(programs_.postqueue, "echo \"$1 $2\" >>" + trylog_ + "\n");
  script(programs_.postsuper,
         "cat >/dev/null; sed -i 's/\"forced_expire\":false/\"forced_expire\":true/; "
         "s/\"hold\"/\"deferred\"/' " +
             queue_ + "\n");
  fill({waiting("AAAAA", 10, "a@x.test", {"b@y.test"}),
        waiting("BBBBB", 20, "a@x.test", {"b@y.test"}, "hold")});
  const auto would = [&](const char* action) {
    return act({{"action", action}, {"filter", Json::object()}, {"dry_run", true}})["queue_ids"];
  };
  EXPECT_EQ(would("retry"), Json{"AAAAA"});
  EXPECT_EQ(would("hold"), Json{"AAAAA"});
  EXPECT_EQ(would("release"), Json{"BBBBB"});
  EXPECT_EQ(would("delete"), (Json{"AAAAA", "BBBBB"}));
  EXPECT_EQ(act({{"action", "retry"}})["count"], 1);
  EXPECT_EQ(said(trylog_), "-i AAAAA\n");
  EXPECT_EQ(act({{"action", "bounce"}})["count"], 2);
  EXPECT_EQ(said(trylog_), "-i AAAAA\n-i AAAAA\n-i BBBBB\n") << "it is returned at once";
  EXPECT_EQ(act({{"action", "explode"}})["code"], "bad_message");
}

TEST_F(MailQueueTest, TenThousandMessagesAreReadInTime) {
  std::vector<Json> messages;
  for (int i = 0; i < 10001; ++i) {
    messages.push_back(waiting("Q" + std::to_string(100000 + i), i,
                               "sender" + std::to_string(i) + "@far.test",
                               {"one@rather-long-name.test", "two@rather-long-name.test"}));
  }
  fill(messages);
  ASSERT_GT(fs::file_size(queue_), 2U << 20) << "more than a Runner keeps";
  const auto began = std::chrono::steady_clock::now();
  const Json page = list({{"limit", 50}});
  EXPECT_EQ(page["matched"], 10001);
  EXPECT_EQ(page["messages"].size(), 50U);
  EXPECT_EQ(page["messages"][0]["queue_id"], "Q100000");
  const Json would = act({{"action", "delete"}, {"dry_run", true}});
  EXPECT_EQ(would["count"], 10000);
  EXPECT_EQ(would["more"], true);
  EXPECT_EQ(would["messages"].size(), 100U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST_F(MailQueueTest, WhatCannotBeReadIsAnErrorNotAnEmptyQueue) {
  programs_.list = {"/bin/false"};
  EXPECT_EQ(list(Json::object())["code"], "command_failed");
  programs_.list = {"/no/such/program"};
  EXPECT_NE(list(Json::object()).value("code", ""), "");
  const auto slow = read_lines(runner_, {"/bin/sleep", "20"}, std::chrono::milliseconds(50),
                               [](std::string_view) {});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().kind, ErrorKind::timeout);
}

TEST(QueueIds, AreShortOrLong) {
  EXPECT_TRUE(is_queue_id("C52F2164113"));
  EXPECT_TRUE(is_queue_id("4gGZQW3k2bzQkYp"));
  for (const char* text : {"", "AB", "-d", "ALL\nX", "../../x", "a b c d e"}) {
    EXPECT_FALSE(is_queue_id(text)) << text;
  }
}

}  // namespace
}  // namespace podplay::daemons
