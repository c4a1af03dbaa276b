// Small real processes under the real loop.
#include "supervise/supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "base/collect.hpp"

namespace podplay::supervise {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("supervise." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    supervisor_ = std::make_unique<Supervisor>(
        SupervisorOptions{3000ms}, silent_logger(), [](const ProcessSpec&) {
          return std::make_unique<LineLog>(LineLogOptions{.service = "test", .daemon = "test"});
        });
  }
  void TearDown() override {
    if (loop_.joinable()) {
      supervisor_->request_stop();
      loop_.join();
    }
    std::filesystem::remove_all(folder_);
  }
  void add(const std::string& name, const std::string& script,
           std::chrono::milliseconds grace = 1000ms) {
    supervisor_->add({.name = name,
                      .argv = {"/bin/sh", "-c", script},
                      .environment = {{"FOLDER", folder_.string()}},
                      .stop_grace = grace});
  }
  void run() {
    loop_ = std::thread([this] { supervisor_->run(); });
  }
  ProcessStatus status(const std::string& name) const {
    for (ProcessStatus& one : supervisor_->statuses()) {
      if (one.name == name) {
        return one;
      }
    }
    return {};
  }
  bool eventually(const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = 5000ms) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(folder_ / name);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }

  std::filesystem::path folder_;
  std::unique_ptr<Supervisor> supervisor_;
  std::thread loop_;
};

TEST_F(SupervisorTest, StartsOnlyWhatIsAskedForAndMarksReady) {
  add("one", "exec sleep 60");
  add("two", "exec sleep 60");
  run();
  ASSERT_TRUE(supervisor_->start("one").has_value());
  ASSERT_TRUE(eventually([&] { return status("one").pid != 0; }));
  EXPECT_EQ(status("one").state, "starting");
  EXPECT_EQ(status("two").state, "stopped");
  supervisor_->mark_ready("one", status("one").pid);
  EXPECT_EQ(status("one").state, "ready");
  EXPECT_FALSE(supervisor_->start("three").has_value());
}

TEST_F(SupervisorTest, RestartsWithBackoffAndKeepsLastWords) {
  add("brief", "echo starting; echo fatal: no such thing >&2; exit 3");
  run();
  ASSERT_TRUE(supervisor_->start("brief"));
  ASSERT_TRUE(eventually([&] { return status("brief").restarts >= 2; }));
  EXPECT_THAT(status("brief").last_words, HasSubstr("starting\nfatal: no such thing"));
  EXPECT_LE(status("brief").restarts, 3) << "throttled";
  EXPECT_EQ(status("brief").last_exit, "exit code 3");
  EXPECT_EQ(status("brief").last_signal, 0);
  EXPECT_FALSE(status("brief").last_oom);
  EXPECT_GT(status("brief").last_exit_at, 0);
  EXPECT_LT(status("brief").last_lived, 5000);
}

TEST_F(SupervisorTest, LinesThatComeOneByOneAreGatheredAndNoneIsLost) {
  const auto sink = std::make_shared<Collect>();
  Supervisor supervisor({3000ms}, silent_logger(), [&](const ProcessSpec&) {
    return std::make_unique<LineLog>(
        LineLogOptions{.service = "test", .daemon = "test", .sinks = {sink}});
  });
  const std::string script =
      "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo all > $FOLDER/said; "
      "exec sleep 60";
  supervisor.add(
      {"chatty", {"/bin/sh", "-c", script}, {{"FOLDER", folder_.string()}}, SIGTERM, 1000ms});
  std::thread loop([&] { supervisor.run(); });
  ASSERT_TRUE(supervisor.start("chatty"));
  EXPECT_TRUE(eventually([&] { return !text("said").empty(); }));
  supervisor.request_stop();
  loop.join();
  EXPECT_EQ(std::ranges::count(sink->text, '\n'), 2000);
  EXPECT_THAT(sink->text, HasSubstr("line 1999\n"));
  EXPECT_LT(sink->writes, 100);
}

TEST_F(SupervisorTest, AKilledDaemonComesBackAndItsOrphansGo) {
  add("parent", "sleep 1000 & echo $! >> $FOLDER/children; wait");
  run();
  ASSERT_TRUE(supervisor_->start("parent"));
  ASSERT_TRUE(eventually([&] { return !text("children").empty(); }));
  const int first = status("parent").pid;
  const int child = std::stoi(text("children"));
  ::kill(first, SIGKILL);
  ASSERT_TRUE(
      eventually([&] { return status("parent").pid != 0 && status("parent").pid != first; }));
  EXPECT_EQ(::kill(child, 0), -1) << "the child of the dead daemon is gone before the next start";
}

TEST_F(SupervisorTest, AnOrphanWithASessionOfItsOwnIsFoundToo) {
  add("parent", "setsid sleep 1000 & sleep 0.1; pgrep -P $$ > $FOLDER/children; wait");
  run();
  ASSERT_TRUE(supervisor_->start("parent"));
  ASSERT_TRUE(eventually([&] { return text("children").find('\n') != std::string::npos; }));
  const int first = status("parent").pid;
  const int child = std::stoi(text("children"));
  ::kill(first, SIGKILL);
  ASSERT_TRUE(
      eventually([&] { return status("parent").pid != 0 && status("parent").pid != first; }));
  EXPECT_EQ(::kill(child, 0), -1);
}

TEST_F(SupervisorTest, AStalePidFileKeepsNobodyFromStarting) {
  // Process 1 lives and is not this daemon.
  const std::string pid_file = (folder_ / "daemon.pid").string();
  std::ofstream(pid_file) << "1\n";
  supervisor_->add({.name = "careful",
                    .argv = {"/bin/sh", "-c",
                             "test ! -e $PID_FILE || exit 0; echo $$ >$PID_FILE; exec sleep 60"},
                    .environment = {{"PID_FILE", pid_file}},
                    .pid_file = pid_file});
  run();
  ASSERT_TRUE(supervisor_->start("careful"));
  EXPECT_TRUE(eventually(
      [&] { return text("daemon.pid") == std::to_string(status("careful").pid) + "\n"; }));
}

TEST_F(SupervisorTest, StopsInReverseOrder) {
  add("first",
      "trap 'echo first >> $FOLDER/order; exit 0' TERM; echo up > $FOLDER/first; while :; do sleep "
      "0.02; done");
  add("second",
      "trap 'sleep 0.2; echo second >> $FOLDER/order; exit 0' TERM; echo up > $FOLDER/second; "
      "while :; do sleep 0.02; done");
  run();
  ASSERT_TRUE(supervisor_->start("first"));
  ASSERT_TRUE(supervisor_->start("second"));
  ASSERT_TRUE(eventually([&] { return text("first") == "up\n" && text("second") == "up\n"; }));
  supervisor_->request_stop();
  loop_.join();
  EXPECT_EQ(text("order"), "second\nfirst\n");
  EXPECT_EQ(status("first").state, "stopped");
}

TEST_F(SupervisorTest, KillsWhatDoesNotStop) {
  add("stubborn", "trap '' TERM; echo up > $FOLDER/up; while :; do sleep 0.02; done", 300ms);
  run();
  ASSERT_TRUE(supervisor_->start("stubborn"));
  ASSERT_TRUE(eventually([&] { return text("up") == "up\n"; }));
  const auto began = std::chrono::steady_clock::now();
  supervisor_->request_stop();
  loop_.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2000ms);
}

TEST_F(SupervisorTest, ARestartIsGracefulAndAtOnce) {
  add("one",
      "trap 'echo stopped >> $FOLDER/log; exit 0' TERM; echo up >> $FOLDER/log; while :; do sleep "
      "0.02; done");
  run();
  ASSERT_TRUE(supervisor_->start("one"));
  ASSERT_TRUE(eventually([&] { return text("log") == "up\n"; }));
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(supervisor_->restart("one"));
  ASSERT_TRUE(eventually([&] { return text("log") == "up\nstopped\nup\n"; }));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 500ms);
}

TEST_F(SupervisorTest, TheRunnerWorksThroughTheReaper) {
  run();
  ProcessRunner runner(silent_logger(), false, supervisor_->reaper());
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 25; ++j) {
        const auto outcome = runner.run({{"/bin/sh", "-c", "cat; exit 7"}, "input"});
        if (outcome && outcome->exit_code == 7 && outcome->out == "input") {
          ++good;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(good, 100);
  const auto late = runner.run({{"/bin/sleep", "60"}, "", {}, 100ms});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
}

TEST_F(SupervisorTest, ChangesWakeWaiters) {
  add("one", "exec sleep 60");
  run();
  std::uint64_t seen = supervisor_->wait_for_change(0, 1ms);
  ASSERT_TRUE(supervisor_->start("one"));
  const std::uint64_t next = supervisor_->wait_for_change(seen, 5000ms);
  EXPECT_NE(next, seen);
}

}  // namespace
}  // namespace podplay::supervise
