// /readyz is parsed, and shown while `podplay up` waits.
#include "pod/readiness.hpp"

#include <gmock/gmock.h>

namespace podplay::pod {
namespace {

TEST(Readiness, ShowsStageAndTheDaemonsOwnWords) {
  const auto readiness = parse_readiness(R"({"ready":false,"services":[
      {"service":"mail","state":"starting","stage":"check","message":"",
       "daemons":[{"name":"postfix","state":"backoff","last_words":"fatal: no such file"}],
       "probes":[{"name":"imap-greeting","ok":false,"message":"connection refused"}]},
      {"service":"bind","state":"ready"}]})");
  ASSERT_TRUE(readiness);
  ASSERT_EQ(readiness->services.size(), 2U);
  EXPECT_TRUE(readiness->services[1].ready);
  EXPECT_EQ(state_text(readiness->services[0]),
            "starting, stage check: postfix is backoff: fatal: no such file");
  EXPECT_EQ(readiness->services[0].details.size(), 2U);
  EXPECT_FALSE(parse_readiness("<html>"));
}

TEST(Progress, WithoutATerminalALineForEachChange) {
  std::FILE* out = std::tmpfile();
  Progress progress(out, false);
  ServiceLine line{.service = "mail", .state = "starting", .stage = "render"};
  progress.show({line}, std::chrono::milliseconds(10));
  progress.show({line}, std::chrono::milliseconds(20));
  line = {.service = "mail", .ready = true, .state = "ready"};
  progress.show({line}, std::chrono::milliseconds(1500));
  progress.show({line}, std::chrono::milliseconds(1600));
  std::rewind(out);
  std::string text(1000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), out));
  std::fclose(out);
  EXPECT_EQ(text, "  mail     starting, stage render\n  mail     ready (1.5 s)\n");
}

}  // namespace
}  // namespace podplay::pod
