// Lines are read as they are written, in both forms.
#include "logs/line.hpp"

#include <gtest/gtest.h>

namespace podplay::logs {
namespace {

class LastLine final : public LogSink {
 public:
  void write(std::string_view line) override { text = line; }
  std::string text;
};

TEST(LogLine, ReadsWhatALoggerWrites) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const auto sink = std::make_shared<LastLine>();
    Logger({sink}, "api.audit", Level::info, format)
        .with_fact("request", "r1")
        .warn("a = b is no fact", {{"path", "/a b"}, {"words", "x\ny\"z\\"}, {"count", 3}});
    const auto line = parse_line(sink->text);
    ASSERT_TRUE(line) << sink->text;
    EXPECT_EQ(line->message, "a = b is no fact");
    EXPECT_EQ(line->level, Level::warn);
    EXPECT_EQ(line->component, "api.audit");
    EXPECT_EQ(line->fact("request"), "r1");
    EXPECT_EQ(line->fact("path"), "/a b");
    EXPECT_EQ(line->fact("words"), "x\ny\"z\\");
    EXPECT_EQ(line->fact("count"), "3");
    EXPECT_EQ(format_line(*line, format), sink->text);
    const auto head = read_head(sink->text);
    EXPECT_EQ(head->time, line->time);
    EXPECT_EQ(head->component, "api.audit");
  }
}

TEST(LogLine, AFactDoesNotTakeThePlaceOfTheHead) {
  const auto sink = std::make_shared<LastLine>();
  Logger({sink}, "api", Level::info, LogFormat::json).warn("told", {{"level", "3"}, {"time", "x"}});
  for (const std::string& text :
       {sink->text, format_line(*parse_line("[2026-01-31T12:00:00.123Z] [WARN] [api] told level=3 "
                                            "component=b"),
                                LogFormat::json)}) {
    const auto line = parse_line(text);
    ASSERT_TRUE(line) << text;
    EXPECT_EQ(line->level, Level::warn);
    EXPECT_EQ(line->component, "api");
    EXPECT_EQ(line->message, "told");
  }
}

TEST(LogLine, ADaemonsWordsAreNoFacts) {
  const std::string head = "[2026-01-31T12:00:00.123Z] [INFO] [mail.postfix] ";
  const auto line = parse_line(head + "smtpd[1]: connect from x user=root queue_id=ABC");
  EXPECT_TRUE(line->facts.empty());
  EXPECT_EQ(line->message, "smtpd[1]: connect from x user=root queue_id=ABC");
  EXPECT_EQ(parse_line(head + "master[1]: reload request=r7")->fact("request"), "r7");
}

TEST(LogLine, RefusesWhatIsNotOurs) {
  for (const char* text : {"", "{", "[2026-01-31T12:00:00.123Z] [INFO]", "Nov 24 14:22:28 x",
                           "[2026-01-31T12:00:00.123Z] [LOUD] [a] b",
                           R"({"time":"2026-01-31T12:00:00.123Z","level":"INFO"})"}) {
    EXPECT_FALSE(parse_line(text)) << text;
  }
}

}  // namespace
}  // namespace podplay::logs
