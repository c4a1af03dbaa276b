// The log files on a real disk: rotation under load, retention, a volume that cannot be written.
#include "logs/log_files.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/runner.hpp"
#include "base/test_folder.hpp"
#include "logs/segment.hpp"

namespace podplay::logs {
namespace {

namespace fs = std::filesystem;
using test::TestFolder;
using namespace std::chrono_literals;

class Collected final : public LogSink {
 public:
  void write(std::string_view line) override {
    const std::scoped_lock lock(mutex_);
    lines_.emplace_back(line);
  }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct LogFilesTest : testing::Test {
  TestFolder folder;
  std::shared_ptr<Collected> alarms = std::make_shared<Collected>();
  Logger alarm{{alarms}, "test.logs", Level::info, LogFormat::text};

  LogFileOptions options(std::int64_t most_bytes = 10LL << 20) {
    return {.root = folder.path(), .most_bytes = most_bytes, .retry = 50ms};
  }
  std::string sorted_lines() {
    ProcessRunner runner(silent_logger(), false);
    return runner
        .run({.argv = {"sh", "-c",
                       "cd " + folder.path() +
                           "/mail && (zstd -qdcf *.zst 2>/dev/null; cat x*.log) | sort | md5sum"}})
        ->out;
  }
  template <class Condition>
  bool eventually(Condition condition) {
    for (int i = 0; i < 400; ++i) {
      if (condition()) {
        return true;
      }
      std::this_thread::sleep_for(25ms);
    }
    return false;
  }
  std::vector<Segment> segments() { return list_segments(folder.path() + "/mail").value(); }
};

TEST_F(LogFilesTest, LosesNoLineWhileRotating) {
  constexpr int kThreads = 2;
  constexpr int kLines = 20000;
  std::vector<std::string> wanted;
  {
    LogFiles files(options(64 << 10), alarm);
    const auto sink = files.file("mail/x");
    std::vector<std::thread> writers;
    for (int t = 0; t < kThreads; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < kLines; ++i) {
          sink->write(
              fmt::format("[2026-01-31T12:00:00.{:03}Z] [INFO] [mail.x] writer {} line {:06} {}",
                          i % 1000, t, i, std::string(40, 'x')));
        }
      });
    }
    for (std::thread& writer : writers) {
      writer.join();
    }
    EXPECT_TRUE(eventually([&] {
      const auto all = segments();
      return std::ranges::none_of(
          all, [](const Segment& one) { return !one.time.empty() && one.plain; });
    })) << "every rotated file is sealed";
  }
  const auto all = segments();
  EXPECT_GT(all.size(), 30U);
  fmt::print("{} rotations while {} lines were written\n", all.size() - 1, kThreads * kLines);
  std::ofstream expected(folder.path() + "/expected");
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kLines; ++i) {
      expected << fmt::format(
          "[2026-01-31T12:00:00.{:03}Z] [INFO] [mail.x] writer {} line {:06} {}\n", i % 1000, t, i,
          std::string(40, 'x'));
    }
  }
  expected.close();
  ProcessRunner runner(silent_logger(), false);
  const auto sum =
      runner.run({.argv = {"sh", "-c", "sort " + (folder.path() + "/expected") + " | md5sum"}});
  EXPECT_EQ(sorted_lines(), sum->out);
  EXPECT_THAT(alarms->lines(), testing::IsEmpty());
}

TEST_F(LogFilesTest, SealsWhatAnEarlierProcessLeft) {
  fs::create_directories(folder.path() + "/mail");
  std::ofstream(folder.path() + "/mail/x.20260131T120000000Z.log")
      << "[2026-01-31T12:00:00.000Z] [INFO] [mail.x] old\n";
  LogFiles files({.root = folder.path(), .keep = {.days = 3650}}, alarm);
  files.file("mail/x")->write("now");
  EXPECT_TRUE(eventually(
      [&] { return fs::exists(folder.path() + "/mail/x.20260131T120000000Z.log.zst"); }));
}

TEST_F(LogFilesTest, EndsALineThatACrashCut) {
  fs::create_directories(folder.path() + "/mail");
  std::ofstream(folder.path() + "/mail/x.log") << "cut";
  LogFiles files(options(), alarm);
  files.file("mail/x")->write("whole");
  std::ifstream in(folder.path() + "/mail/x.log");
  std::string first;
  std::string second;
  std::getline(in, first);
  std::getline(in, second);
  EXPECT_EQ(first, "cut");
  EXPECT_EQ(second, "whole");
}

TEST_F(LogFilesTest, AFullVolumeCostsOneAlarmAndNoWait) {
  fs::create_directories(folder.path() + "/mail");
  fs::create_symlink("/dev/full", folder.path() + "/mail/x.log");
  fs::create_symlink("/dev/full", folder.path() + "/mail/y.log");
  LogFiles files(options(), alarm);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    files.file("mail/x")->write("lost");
    files.file("mail/y")->write("lost");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  ASSERT_TRUE(files.fault());
  EXPECT_THAT(files.fault()->message, testing::HasSubstr("No space left"));
  ASSERT_EQ(alarms->lines().size(), 1U);
  EXPECT_THAT(alarms->lines()[0], testing::HasSubstr("[ERROR] [test.logs] log files cannot be "
                                                     "written; lines go to standard output only"));
  fs::remove(folder.path() + "/mail/x.log");
  fs::remove(folder.path() + "/mail/y.log");
  EXPECT_TRUE(eventually([&] {
    files.file("mail/x")->write("kept");
    files.file("mail/y")->write("kept");
    return !files.fault();
  }));
  ASSERT_EQ(alarms->lines().size(), 2U);
  EXPECT_THAT(alarms->lines()[1], testing::HasSubstr("log files are written again"));
}

TEST_F(LogFilesTest, CountsWhatTheFilesLackAndWhichFail) {
  fs::create_directories(folder.path() + "/mail");
  fs::create_symlink("/dev/full", folder.path() + "/mail/x.log");
  fs::create_symlink("/dev/full", folder.path() + "/mail/y.log");
  // It outlives the files.
  Metrics metrics;
  const auto figure = [&](std::string_view name) {
    MetricText text({{"service", "mail"}});
    metrics.write(text);
    const auto found = largest_metric(text.take(), name, {{"service", "mail"}});
    return found.found ? found.value : -1;
  };
  LogFiles files(options(), alarm);
  files.file("mail/x")->write("lost before anybody counted");
  files.count_in(metrics);
  EXPECT_EQ(figure("podplay_log_lines_dropped_total"), 1);
  EXPECT_EQ(figure("podplay_log_files_failing"), 1);
  files.file("mail/y")->write("lost\nwith\ntwo more");
  files.file("mail/well")->write("kept");
  EXPECT_EQ(figure("podplay_log_lines_dropped_total"), 4);
  EXPECT_EQ(figure("podplay_log_files_failing"), 2);
  fs::remove(folder.path() + "/mail/x.log");
  EXPECT_TRUE(eventually([&] { return figure("podplay_log_files_failing") == 1; }));
  fs::remove(folder.path() + "/mail/y.log");
  EXPECT_TRUE(eventually([&] { return figure("podplay_log_files_failing") == 0; }));
  EXPECT_EQ(figure("podplay_log_lines_dropped_total"), 4) << "a counter never goes back";
}

TEST_F(LogFilesTest, NothingIsMissingFromTheStart) {
  Metrics metrics;
  LogFiles files(options(), alarm);
  files.count_in(metrics);
  files.file("mail/x")->write("kept");
  MetricText text;
  metrics.write(text);
  const std::string all = text.take();
  EXPECT_THAT(all, testing::HasSubstr("\npodplay_log_lines_dropped_total 0\n"));
  EXPECT_THAT(all, testing::HasSubstr("\npodplay_log_files_failing 0\n"));
}

TEST_F(LogFilesTest, AVolumeIsWellAgainWithoutAnotherLine) {
  fs::create_directories(folder.path() + "/mail");
  fs::create_symlink("/dev/full", folder.path() + "/mail/x.log");
  LogFiles files(options(), alarm);
  files.file("mail/x")->write("lost");
  ASSERT_TRUE(files.fault());
  fs::remove(folder.path() + "/mail/x.log");
  EXPECT_TRUE(eventually([&] { return !files.fault(); }));
  EXPECT_EQ(fs::file_size(folder.path() + "/mail/x.log"), 0U) << "nothing is left of the try";
}

TEST_F(LogFilesTest, MakesAFileAgainThatSomebodyRemoved) {
  LogFiles files(options(), alarm);
  files.file("mail/x")->write("first");
  fs::remove(folder.path() + "/mail/x.log");
  EXPECT_TRUE(eventually([&] {
    files.file("mail/x")->write("again");
    return fs::exists(folder.path() + "/mail/x.log");
  }));
}

TEST_F(LogFilesTest, KeepsByAgeAndBySize) {
  fs::create_directories(folder.path() + "/mail");
  const auto now = SystemClock{}.now();
  const auto make = [&](std::chrono::hours age, std::size_t size) {
    std::ofstream(folder.path() + ("/mail/x." + segment_time(now - age) + ".log.zst"))
        << std::string(size, 'x');
    std::ofstream(folder.path() + ("/mail/x." + segment_time(now - age) + ".idx")) << "x";
  };
  make(24h * 31, 10);
  make(24h * 29, 1000);
  make(24h * 2, 1000);
  std::ofstream(folder.path() + "/mail/x.log") << std::string(100000, 'x');
  drop_old_segments(folder.path() + "/mail", {.days = 30, .bytes = 10000}, now);
  EXPECT_EQ(segments().size(), 3U);
  drop_old_segments(folder.path() + "/mail", {.days = 30, .bytes = 1500}, now);
  ASSERT_EQ(segments().size(), 2U) << "the oldest go first, the current one stays";
  EXPECT_EQ(segments()[0].time, segment_time(now - 48h));
}

TEST_F(LogFilesTest, OthersOfTheGroupMayReadNobodyElse) {
  LogFiles files(options(), alarm);
  files.file("mail/x")->write("line");
  struct stat info{};
  ASSERT_EQ(::stat((folder.path() + "/mail/x.log").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U & 0777U);
}

}  // namespace
}  // namespace podplay::logs
