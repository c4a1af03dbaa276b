// The form of a log line.
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace podplay {
namespace {

class LinesSink final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

TEST(Log, OneLineFormat) {
  const auto sink = std::make_shared<LinesSink>();
  const Logger log({sink}, "mail", Level::info, LogFormat::text);
  log.child("postfix").warn("it broke", {{"path", "/a b"}, {"words", "x\ny\"z"}, {"count", 3}});
  log.debug("not shown");
  ASSERT_EQ(sink->lines.size(), 1U);
  EXPECT_EQ(sink->lines[0].substr(27),
            "[WARN] [mail.postfix] it broke path=\"/a b\" words=\"x\\ny\\\"z\" count=3");
}

TEST(Log, JsonHasTheSameFields) {
  const auto sink = std::make_shared<LinesSink>();
  Logger({sink}, "api", Level::info, LogFormat::json).info("hello", {{"a", "b"}});
  EXPECT_NE(sink->lines[0].find(R"("level":"INFO","component":"api","message":"hello","a":"b")"),
            std::string::npos);
}

}  // namespace
}  // namespace podplay
