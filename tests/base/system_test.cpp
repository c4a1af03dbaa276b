// Files, commands and log sinks on the real system.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/restart.hpp"
#include "base/runner.hpp"
#include "base/test_folder.hpp"

namespace podplay {
namespace {

using test::TestFolder;

TEST(Files, WritesAtomicallyWithMode) {
  const TestFolder folder;
  RealFiles files;
  const std::string path = folder.path() + "/a/b";
  ASSERT_FALSE(files.write_atomic(path, "x", 0640, {})) << "the parent does not exist";
  ASSERT_TRUE(files.make_dirs(folder.path() + "/a", 0750));
  ASSERT_TRUE(files.write_atomic(path, "one", 0640, {}));
  ASSERT_TRUE(files.write_atomic(path, "two", 0640, {}));
  EXPECT_EQ(files.read(path).value(), "two");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
  EXPECT_EQ(files.list(folder.path() + "/a").value(), std::vector<std::string>{"b"})
      << "nothing is left beside";
}

// The folder may be a daemon's, and that daemon may not be its own any more.
TEST(Files, FollowsNoLinkThatLiesInTheWay) {
  const TestFolder folder;
  RealFiles files;
  const std::string victim = folder.path() + "/victim";
  const std::string path = folder.path() + "/file";
  ASSERT_TRUE(files.write_atomic(victim, "mine", 0644, {}));
  std::filesystem::create_symlink(victim, path + ".new." + std::to_string(::getpid()));
  ASSERT_TRUE(files.write_atomic(path, "new", 0644, {}));
  EXPECT_EQ(files.read(victim).value(), "mine");
  EXPECT_EQ(files.read(path).value(), "new");
}

TEST(Files, SwapsLinksAndNamesWhatFails) {
  const TestFolder folder;
  RealFiles files;
  const std::string link = folder.path() + "/current";
  ASSERT_TRUE(files.swap_link("one", link));
  ASSERT_TRUE(files.swap_link("two", link));
  EXPECT_EQ(files.read_link(link).value(), "two");
  const auto missing = files.read(folder.path() + "/none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().message.find("/none: No such file or directory"), std::string::npos);
}

TEST(Runner, GivesOutputInputAndExitCode) {
  ProcessRunner runner(silent_logger(), false);
  const auto done = runner.run({.argv = {"sh", "-c", "cat; echo err >&2; echo $X; exit 3"},
                                .input = "in\n",
                                .environment = {{"X", "env"}}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->out, "in\nenv\n");
  EXPECT_EQ(done->words(), "in\nenv\nerr");
  EXPECT_FALSE(run_or_fail(runner, {.argv = {"false"}}));
  const auto missing = runner.run({.argv = {"/no/such/program"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "command_start");
}

TEST(Runner, EndsWhatTakesTooLong) {
  ProcessRunner runner(silent_logger(), false);
  const auto late =
      runner.run({.argv = {"sleep", "30"}, .deadline = std::chrono::milliseconds(100)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
}

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

TEST(LogFile, RotatesWithoutLosingALine) {
  const TestFolder folder;
  const std::string path = folder.path() + "/logs/x.log";
  {
    const auto sink = make_file_sink(path);
    const std::string line(1023, 'x');
    // 11 MiB: one rotation
    for (int i = 0; i < 11 * 1024; ++i) {
      sink->write(line);
    }
  }
  std::size_t compressed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/logs")) {
    compressed += entry.path().extension() == ".gz";
  }
  EXPECT_EQ(compressed, 1U);
  ProcessRunner runner(silent_logger(), false);
  const auto count = runner.run(
      {.argv = {"sh", "-c", "(zcat " + folder.path() + "/logs/*.gz; cat " + path + ") | wc -l"}});
  EXPECT_EQ(count->out, "11264\n");
}

TEST(Restart, WaitsUnlessTheProgramIsToEnd) {
  const auto seconds_of = [](bool end) {
    const auto began = std::chrono::steady_clock::now();
    std::thread waiting([end] {
      sigset_t signals;
      sigemptyset(&signals);
      sigaddset(&signals, SIGTERM);
      ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
      if (end) {
        ::pthread_kill(::pthread_self(), SIGTERM);
      }
      wait_before_restart(end ? std::chrono::milliseconds(30'000) : std::chrono::milliseconds(300));
    });
    waiting.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  EXPECT_GE(seconds_of(false), 0.3);
  EXPECT_LT(seconds_of(true), 5);
}

}  // namespace
}  // namespace podplay
