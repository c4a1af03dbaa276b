#include "logs/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logs/log_folder.hpp"
#include "logs/segment.hpp"

namespace podplay::logs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class SearchTest : public testing::Test {
 protected:
  LogSearch all(LineFilter filter = {}) const {
    return {
        .root = folder_.root(), .folders = {"mail"}, .filter = std::move(filter), .limit = 1000};
  }
  static std::vector<std::string> messages(const Result<FoundLines>& found) {
    std::vector<std::string> words;
    EXPECT_TRUE(found) << describe(found.error());
    for (const FoundLine& one : found->lines) {
      words.push_back(one.line.message);
    }
    return words;
  }
  std::vector<std::string> find(LineFilter filter) const {
    return messages(search(all(std::move(filter))));
  }
  // Every line by its number, page after page; `between` is called after each page.
  template <class Between>
  std::vector<int> pages(SearchOrder order, std::size_t limit, const Between& between) const {
    std::vector<int> numbers;
    LogSearch asked = all();
    asked.order = order;
    asked.limit = limit;
    for (int page = 0; page < 1000; ++page) {
      const auto found = search(asked);
      EXPECT_TRUE(found);
      for (const FoundLine& one : found->lines) {
        numbers.push_back(std::stoi(one.line.message.substr(5)));
      }
      if (!found->more) {
        return numbers;
      }
      asked.cursor = found->cursor;
      between(page);
    }
    ADD_FAILURE() << "the pages do not end";
    return numbers;
  }
  void seal(const std::string& log, int number) const {
    folder_.rotate(log, LogFolder::rotation(number));
    ASSERT_TRUE(seal_segment(
        fmt::format("{}/{}.{}.log", folder_.mail(), log, LogFolder::rotation(number))));
  }
  LogFolder folder_;
};

std::vector<int> numbers(int from, int to) {
  std::vector<int> all;
  for (int i = from; i < to; ++i) {
    all.push_back(i);
  }
  return all;
}

TEST_F(SearchTest, NewestFirstOverAllStates) {
  folder_.write("postfix.log", LogFolder::lines(0, 10));
  seal("postfix", 9);
  folder_.write("postfix.log", LogFolder::lines(10, 20));
  folder_.rotate("postfix", LogFolder::rotation(19));
  folder_.write("postfix.log", LogFolder::lines(20, 30) + "[2026-01-3");
  const auto found = search(all());
  ASSERT_EQ(found->lines.size(), 30U);
  EXPECT_EQ(found->lines.front().line.message, "line 29");
  EXPECT_EQ(found->lines.back().line.message, "line 0");
  EXPECT_EQ(found->lines.front().log, "mail/postfix");
  EXPECT_FALSE(found->more);
  EXPECT_FALSE(found->cut);
}

TEST_F(SearchTest, MergesLogsByTimeAndFindsATwinOnce) {
  folder_.write("postfix.log", LogFolder::line(1) + LogFolder::line(3));
  folder_.write("dovecot.log", LogFolder::line(2) + LogFolder::line(4));
  folder_.write("auth.log", LogFolder::line(2));
  EXPECT_THAT(find({}), ElementsAre("line 4", "line 3", "line 2", "line 1"));
  LogSearch oldest = all();
  oldest.order = SearchOrder::oldest_first;
  EXPECT_THAT(messages(search(oldest)), ElementsAre("line 1", "line 2", "line 3", "line 4"));
  LogSearch one = all();
  one.log = "dovecot";
  EXPECT_THAT(messages(search(one)), ElementsAre("line 4", "line 2"));
}

TEST_F(SearchTest, PagesSurviveRotationSealingAndRemoval) {
  for (const SearchOrder order : {SearchOrder::newest_first, SearchOrder::oldest_first}) {
    folder_.write("postfix.log", LogFolder::lines(0, 100));
    const auto found = pages(order, 7, [&](int page) {
      if (page == 1) {
        folder_.rotate("postfix", LogFolder::rotation(99));
      } else if (page == 3) {
        ASSERT_TRUE(seal_segment(folder_.mail() + "/postfix." + LogFolder::rotation(99) + ".log"));
      } else if (page == 5 && order == SearchOrder::newest_first) {
        folder_.write("postfix.log", LogFolder::lines(100, 110));
      }
    });
    auto expected = numbers(0, 100);
    if (order == SearchOrder::newest_first) {
      std::ranges::reverse(expected);
    }
    EXPECT_EQ(found, expected);
    std::filesystem::remove_all(folder_.mail());
    std::filesystem::create_directories(folder_.mail());
  }
}

TEST_F(SearchTest, OldestFirstGoesOnInANewFile) {
  folder_.write("postfix.log", LogFolder::lines(0, 5));
  const auto end = end_of_logs(all());
  ASSERT_TRUE(end);
  LogSearch more = all();
  more.order = SearchOrder::oldest_first;
  more.cursor = *end;
  EXPECT_TRUE(messages(search(more)).empty());
  folder_.write("postfix.log", LogFolder::line(5));
  seal("postfix", 5);
  folder_.write("postfix.log", LogFolder::line(6));
  folder_.write("dovecot.log", LogFolder::line(7));
  const auto found = search(more);
  EXPECT_THAT(messages(found), ElementsAre("line 5", "line 6", "line 7"));
  more.cursor = found->cursor;
  EXPECT_TRUE(messages(search(more)).empty());
  folder_.write("postfix.log", LogFolder::line(8));
  EXPECT_THAT(messages(search(more)), ElementsAre("line 8"));
  LogSearch before = all();
  before.cursor = backwards_from(*end);
  before.limit = 2;
  EXPECT_THAT(messages(search(before)), ElementsAre("line 4", "line 3"));
}

TEST_F(SearchTest, FiltersByHead) {
  folder_.write("postfix.log",
                LogFolder::line(1, "one", "ERROR") + LogFolder::line(2, "two", "WARN") +
                    LogFolder::line(3, "three") + LogFolder::line(4, "four", "DEBUG") +
                    "[2026-01-31T00:00:05.000Z] [INFO] [mail.dovecot] five\n" +
                    "[2026-01-31T00:00:06.000Z] [INFO] [mailer] six\n" + "no head\n");
  EXPECT_THAT(find({.level = Level::warn}), ElementsAre("two", "one"));
  EXPECT_THAT(find({.daemon = "dovecot"}), ElementsAre("five"));
  EXPECT_THAT(find({.component = "mail", .level = Level::info}),
              ElementsAre("five", "three", "two", "one"));
  EXPECT_THAT(find({.since = *parse_rfc3339(LogFolder::time(2)),
                    .until = *parse_rfc3339(LogFolder::time(4))}),
              ElementsAre("three", "two"));
  EXPECT_THAT(find({.text = "no head"}), ElementsAre("no head"));
}

TEST_F(SearchTest, FiltersByWordsInAllStates) {
  const std::string text =
      LogFolder::line(1, "4cAbC12xyz: from=<bob@other.test>, size=12") +
      LogFolder::line(2, "4cAbC12xyz: to=<Alice@example.test>, status=sent") +
      LogFolder::line(3, "4cAbC12xyzzz: to=<malice@example.test>, status=sent") +
      LogFolder::line(4, "released the queue request=r7a9Zk3q") +
      LogFolder::line(5, "message-id=<a$1@mx.test> of 4dQqQ34q.") +
      "[2026-01-31T00:00:06.000Z] [INFO] [api] request path=/x request=r7a9Zk3q "
      "user=alice@example.test\n";
  folder_.write("postfix.log", text);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(find({.queue_id = "4cAbC12xyz"}).size(), 2U);
    EXPECT_THAT(find({.address = "alice@EXAMPLE.test"}).size(), 2U);
    EXPECT_THAT(find({.address = "example.test"}).size(), 0U) << "a whole word";
    EXPECT_EQ(find({.request = "r7a9Zk3q"}).size(), 2U);
    EXPECT_EQ(find({.message_id = "a$1@mx.test"}).size(), 1U);
    EXPECT_EQ(find({.queue_id = "4dQqQ34q"}).size(), 1U) << "a sentence ends behind it";
    EXPECT_EQ(find({.queue_id = "4zzzzzzzz9"}).size(), 0U);
    EXPECT_EQ(find({.text = "STATUS=SENT"}).size(), 0U);
    EXPECT_EQ(find({.text = "STATUS=SENT", .ignore_case = true}).size(), 2U);
    EXPECT_EQ(find({.pattern = "status=(sent|bounced)$"}).size(), 2U);
    EXPECT_EQ(find({.pattern = R"(^\[2026.*path=)"}).size(), 1U);
    EXPECT_EQ(find({.pattern = R"(\A\[.*sent\z)"}).size(), 2U);
    EXPECT_EQ(find({.pattern = "(?s)released.*a\\$1"}).size(), 0U) << "lines stay apart";
    EXPECT_EQ(find({.pattern = "x*$"}).size(), 6U);
    if (round == 0) {
      seal("postfix", 6);
    }
  }
}

TEST_F(SearchTest, APatternCannotStallIt) {
  folder_.write("postfix.log", LogFolder::line(1, std::string(30000, 'a') + "!"));
  EXPECT_TRUE(find({.pattern = "(a+)+$"}).empty());
  const auto wrong = search(all({.pattern = "(("}));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "bad_pattern");
  const auto large = search(all({.pattern = "((((a{100}){100}){10}){10}){10}"}));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "bad_pattern");
  const auto lengthy = search(all({.pattern = std::string(600, 'a')}));
  ASSERT_FALSE(lengthy);
  EXPECT_EQ(lengthy.error().code, "too_long");
}

TEST_F(SearchTest, ADeadlineReturnsWhereToGoOn) {
  for (int i = 0; i < 3; ++i) {
    folder_.write("postfix.log", LogFolder::lines(i * 20000, (i + 1) * 20000));
    seal("postfix", ((i + 1) * 20000) - 1);
  }
  LogSearch asked = all({.text = "line 31"});
  asked.deadline = std::chrono::steady_clock::now();
  std::vector<std::string> found;
  int turns = 0;
  for (;; ++turns) {
    ASSERT_LT(turns, 1000);
    const auto page = search(asked);
    const auto words = messages(page);
    found.insert(found.end(), words.begin(), words.end());
    if (!page->more) {
      break;
    }
    EXPECT_TRUE(page->cut || page->lines.size() == asked.limit);
    asked.cursor = page->cursor;
  }
  EXPECT_GT(turns, 5);
  EXPECT_EQ(found.size(), 1111U);
  EXPECT_EQ(found.front(), "line 31999");
  EXPECT_EQ(found.back(), "line 31");
}

TEST_F(SearchTest, TheIndexSparesMostFrames) {
  std::string text;
  for (int i = 0; i < 80000; ++i) {
    text += LogFolder::line(i, fmt::format("4cQ{:06}x: to=<u{}@example.test>", i, i));
  }
  folder_.write("postfix.log", text);
  seal("postfix", 80000);
  const auto by_id = search(all({.queue_id = "4cQ040000x"}));
  ASSERT_EQ(by_id->lines.size(), 1U);
  EXPECT_LT(by_id->scanned, 3U << 20);
  const auto by_time = search(all({.since = *parse_rfc3339(LogFolder::time(40000)),
                                   .until = *parse_rfc3339(LogFolder::time(40100))}));
  EXPECT_EQ(by_time->lines.size(), 100U);
  EXPECT_LT(by_time->scanned, 3U << 20);
  EXPECT_EQ(search(all({.level = Level::error}))->scanned, 0U);
}

TEST_F(SearchTest, TenThousandSegments) {
  for (int i = 0; i < 10000; ++i) {
    folder_.write("postfix." + LogFolder::rotation(i) + ".log", LogFolder::line(i));
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto found = search(all({.since = *parse_rfc3339(LogFolder::time(9990))}));
  EXPECT_EQ(found->lines.size(), 10U);
  LogSearch some = all();
  some.limit = 50;
  EXPECT_EQ(search(some)->lines.size(), 50U);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_F(SearchTest, SegmentsThatRetentionRemovedAreLeftOut) {
  for (int i = 0; i < 50; i += 10) {
    folder_.write("postfix." + LogFolder::rotation(i + 9) + ".log", LogFolder::lines(i, i + 10));
  }
  const auto remove = [&](int i) {
    std::filesystem::remove(folder_.mail() + "/postfix." + LogFolder::rotation(i) + ".log");
  };
  const auto newest = pages(SearchOrder::newest_first, 5, [&](int page) {
    if (page == 1) {
      remove(9);
      remove(19);
    }
  });
  auto expected = numbers(20, 50);
  std::ranges::reverse(expected);
  EXPECT_EQ(newest, expected);
  const auto oldest = pages(SearchOrder::oldest_first, 5, [&](int page) {
    if (page == 0) {
      remove(29);
    }
  });
  auto left = numbers(20, 25);
  left.insert(left.end(),
              {30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49});
  EXPECT_EQ(oldest, left);
}

TEST_F(SearchTest, WhoReadsSeesOnlyTheirPart) {
  folder_.write("postfix.log",
                LogFolder::line(1, "mine of secret@other.test") + LogFolder::line(2, "theirs"));
  LineFilter filter;
  filter.view = [](std::string_view line) -> std::optional<std::string> {
    if (line.find("mine") == line.npos) {
      return std::nullopt;
    }
    std::string shown(line);
    shown.replace(shown.find("secret@other.test"), 17, "[hidden]");
    return shown;
  };
  EXPECT_THAT(find(filter), ElementsAre("mine of [hidden]"));
  filter.text = "secret";
  EXPECT_TRUE(find(filter).empty()) << "what is hidden cannot be guessed either";
  // One half of the pattern is what the reader sees, the other a guess: the answer is the same
  // whether it is right or wrong.
  filter.text.clear();
  for (const char* guess : {"secret@", "wrong@"}) {
    filter.pattern = std::string("\\[hidden\\]|") + guess;
    EXPECT_THAT(find(filter), ElementsAre("mine of [hidden]")) << guess;
    filter.pattern = guess;
    EXPECT_TRUE(find(filter).empty()) << guess;
  }
}

TEST_F(SearchTest, StrangeCursorsAreRefused) {
  folder_.write("postfix.log", LogFolder::lines(0, 10));
  for (const char* cursor : {"x", "o1", "n.mail", "n.mail~postfix~~~!",
                             "n.mail~postfix~zzzzzzzzzzzzzzz~~1", "n.a~b~~1~99999999999999999"}) {
    LogSearch asked = all();
    asked.cursor = cursor;
    const auto found = search(asked);
    ASSERT_FALSE(found) << cursor;
    EXPECT_EQ(found.error().code, "bad_cursor");
  }
  LogSearch asked = all();
  asked.cursor = "n.mail~postfix~~~zzzzzz";
  EXPECT_EQ(search(asked)->lines.size(), 10U) << "behind the end is the end";
  asked.cursor = "n.etc~passwd~~~1";
  EXPECT_TRUE(search(asked)->lines.empty());
}

}  // namespace
}  // namespace podplay::logs
