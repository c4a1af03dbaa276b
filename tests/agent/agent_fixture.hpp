// A whole agent with a fake daemon that obeys the test, against the test's own control plane.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/agent.hpp"
#include "agent/fake_control.hpp"
#include "agent/fakes.hpp"
#include "model/feed_rows.hpp"

namespace podplay::agent {

// Keeps the agent's log lines. With SHOW in the environment, they are printed as well.
struct Lines final : LogSink {
  void write(std::string_view line) override {
    const std::scoped_lock lock(mutex);
    lines.emplace_back(line);
    if (std::getenv("SHOW") != nullptr) {
      fmt::print("{}\n", line);
    }
  }
  int count(std::string_view part) {
    const std::scoped_lock lock(mutex);
    return static_cast<int>(std::ranges::count_if(
        lines, [&](const std::string& line) { return line.find(part) != line.npos; }));
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

class AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"templates", "scratch"}) {
      ASSERT_TRUE(files_.make_dirs(folder_ / folder, 0755).has_value());
    }
  }
  void launch() {
    daemons::ServiceDescription service;
    service.service = ServiceName::mail;
    service.has_directory = true;
    auto daemon = std::make_unique<FakeDaemon>("postfix");
    postfix_ = daemon.get();
    postfix_->serves_otherwise = serves_otherwise_;
    service.daemons.push_back(std::move(daemon));
    AgentOptions options;
    options.state = folder_ / "state";
    options.candidates = {.templates = folder_ / "templates",
                          .overrides = folder_ / "overrides",
                          .scratch = folder_ / "scratch"};
    options.link = {.url = control_.url(),
                    .authority = folder_ / "ca.pem",
                    .host = folder_ / "host",
                    .secret = folder_ / "secret",
                    .folder = folder_ / "link",
                    .timeout = std::chrono::milliseconds{5000}};
    options.replica = {.path = folder_ / "state/replica/replica.db",
                       .users = folder_ / "users",
                       .deleted = folder_ / "deleted",
                       .owners = folder_ / "owners/owners.db"};
    options.lookups.replica = options.replica.path;
    options.run = folder_ / "run";
    options.watch = {.memory = folder_ / "state/limits.json",
                     .settings = folder_ / "run/dovecot-logins.conf",
                     .nonce = folder_ / "login-nonce"};
    options.pipe.answer_deadline = answer_deadline_;
    options.pipe.row_deadline = row_deadline_;
    options.poll_wait = 1;
    agent_ = std::make_unique<Agent>(std::move(service), std::move(options),
                                     Logger({lines_}, "agent.mail", Level::info, LogFormat::text));
    thread_ = std::thread([this] {
      const Status ran = agent_->run();
      EXPECT_EQ(ran ? "" : ran.error().code, std::string(ends_with_.exchange("")));
    });
  }
  void TearDown() override { quit(); }
  void quit() {
    if (!agent_) {
      return;
    }
    agent_->stop();
    thread_.join();
    agent_.reset();
  }
  void serve_once_and_lose_the_directory() {
    control_.set_snapshot(mail_snapshot(1, "one.test"));
    launch();
    ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
    quit();
    std::filesystem::remove_all(folder_ / "state/replica");
  }
  bool eventually(const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
  }
  net::HttpResponse ask(const std::string& path) {
    auto client = net::HttpClient::make(
        {.base_url = fmt::format("http://127.0.0.1:{}", agent_->health_port())});
    return (*client)->send({.path = path}).value();
  }

  // This comes before any thread of the control plane, because SIGCHLD must reach the agent's loop.
  struct BlockedSignals {
    BlockedSignals() {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    }
  } blocked_;
  Folder folder_;
  RealFiles files_;
  FakeControl control_{folder_};
  std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
  std::chrono::milliseconds answer_deadline_{5000};
  std::chrono::milliseconds row_deadline_{30000};
  // What the daemon of the next launch() begins with.
  bool serves_otherwise_ = false;
  FakeDaemon* postfix_ = nullptr;
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
  // The error code with which the agent's next end is expected; empty for none.
  std::atomic<const char*> ends_with_ = "";
};

inline FeedRow mailbox_of(std::uint64_t seq, Revision revision, const std::string& email,
                          const std::string& hash) {
  FeedRow row = test::mailbox(seq, email, {.password_hash = hash, .quota = 5});
  row.revision = revision;
  return row;
}

}  // namespace podplay::agent
