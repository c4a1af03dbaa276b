#include "cli/log_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/show/log_lines.hpp"

namespace podplay::cli {
namespace {

using testing::ElementsAre;

TEST(LogCommandTest, TimesMayBeRelative) {
  const WallTime now = *parse_rfc3339("2026-01-31T12:00:00Z");
  EXPECT_EQ(time_before("10m", now), "2026-01-31T11:50:00.000Z");
  EXPECT_EQ(time_before("2h", now), "2026-01-31T10:00:00.000Z");
  EXPECT_EQ(time_before("1d", now), "2026-01-30T12:00:00.000Z");
  EXPECT_EQ(time_before("90s", now), "2026-01-31T11:58:30.000Z");
  for (const char* other : {"2026-01-31T12:00:00Z", "m", "", "tenm", "10x"}) {
    EXPECT_EQ(time_before(other, now), other);
  }
}

TEST(LogCommandTest, EventsComeInAnyPieces) {
  const std::string stream =
      "retry: 2000\n:\n\nid: o.1\nevent: lines\ndata: {\"a\":1}\n\n:\n\nevent: end\ndata: {}\n\n";
  for (std::size_t size = 1; size < stream.size(); ++size) {
    std::vector<std::string> events;
    EventReader reader;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      reader.feed(std::string_view(stream).substr(at, size), [&](const EventReader::Event& event) {
        events.push_back(event.kind + " " + event.id + " " + event.data);
      });
    }
    EXPECT_THAT(events, ElementsAre("lines o.1 {\"a\":1}", "end  {}")) << size;
  }
}

TEST(LogCommandTest, ALineIsAsItStandsInTheFile) {
  const nlohmann::json line{{"time", "2026-01-31T12:00:00.123Z"},
                            {"level", "WARN"},
                            {"log", "api/api"},
                            {"component", "api"},
                            {"message", "one \x1b[2J two"},
                            {"facts", {{"key", "a b"}}}};
  EXPECT_EQ(log_line(line, false),
            "[2026-01-31T12:00:00.123Z] [WARN] [api] one ?[2J two key=\"a b\"\n");
  EXPECT_EQ(log_line(line, true),
            "\x1b[33m[2026-01-31T12:00:00.123Z] [WARN] [api]\x1b[0m one ?[2J two key=\"a b\"\n");
  EXPECT_EQ(log_line({{"message", "no head"}, {"component", ""}}, true), "no head\n");
}

}  // namespace
}  // namespace podplay::cli
