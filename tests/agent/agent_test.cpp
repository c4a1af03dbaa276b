// A whole agent against a control plane of the test's: enrolment, snapshot, directory, commands,
// loss of the link.
#include "agent/agent.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/fakes.hpp"
#include "base/encoding.hpp"
#include "base/test_folder.hpp"
#include "model/feed_rows.hpp"
#include "wire/feed.hpp"
#include "wire/problem.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using wire::Json;

// Speaks the link's half of the control plane over real mutual TLS.
class FakeControl {
 public:
  explicit FakeControl(const Folder& folder) {
    const WallTime now = SystemClock{}.now();
    authority_ = *net::make_authority("test CA", std::chrono::days{1}, now);
    const Secret key = *net::make_private_key();
    identity_ = net::TlsIdentity{*net::issue_certificate(authority_, key, "podplay-api",
                                                         {"podplay-api", "127.0.0.1"}, 60min, now),
                                 key};
    RealFiles files;
    EXPECT_TRUE(
        files.write_atomic(folder / "ca.pem", authority_.certificate, 0644, {}).has_value());
    EXPECT_TRUE(files.write_atomic(folder / "secret", "open sesame\n", 0600, {}).has_value());
    start(0);
  }
  void start(int port) {
    net::HttpServerOptions options{.port = port,
                                   .threads = 8,
                                   .tls = identity_,
                                   .client_ca = authority_.certificate,
                                   .client_optional = true};
    // what a stop waits for
    options.keep_alive = std::chrono::seconds{1};
    auto server = net::HttpServer::start(
        std::move(options), [this](const net::HttpRequest& request) { return answer(request); },
        silent_logger());
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = std::move(*server);
    port_ = server_->port();
  }
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      down_ = true;
      changed_.notify_all();
    }
    server_.reset();
    down_ = false;
  }
  std::string url() const { return fmt::format("https://127.0.0.1:{}", port_); }
  int port() const { return port_; }

  void set_snapshot(const Snapshot& snapshot) {
    change([&] {
      snapshot_ = snapshot;
      revision_ = snapshot.revision;
    });
  }
  void add_row(FeedRow row) {
    change([&] {
      revision_ = std::max(revision_, row.revision);
      rows_.push_back(std::move(row));
    });
  }
  void add_command(AgentCommand command) {
    change([&] { commands_.push_back(std::move(command)); });
  }
  template <class Condition>
  bool wait(Condition condition, std::chrono::milliseconds limit = 10s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, condition);
  }

  std::vector<ApplyReport> reports;
  std::vector<CommandResult> results;
  ServiceStatus status;
  int enrolments = 0;
  std::string secret = "open sesame";
  std::atomic<std::chrono::seconds> lifetime{3600s};
  int renewals = 0;

 private:
  template <class Change>
  void change(Change apply) {
    const std::scoped_lock lock(mutex_);
    apply();
    changed_.notify_all();
  }
  net::HttpResponse answer(const net::HttpRequest& request) {
    const Json body = Json::parse(request.body);
    if (request.path == "/link/enrol") {
      return enrol(body);
    }
    if (request.peer_name != "mail@main") {
      return {
          401,
          {},
          wire::to_problem({ErrorKind::unauthorized, "no_certificate", "no certificate", ""}, "")
              .dump()};
    }
    if (request.path == "/link/work") {
      return work(*wire::question_from_json(body));
    }
    const std::scoped_lock lock(mutex_);
    if (request.path == "/link/renew") {
      return ++renewals, sign(body);
    }
    if (request.path == "/link/report") {
      reports.push_back(*wire::report_from_json(body));
    }
    if (request.path == "/link/result") {
      results.push_back(*wire::command_result_from_json(body));
    }
    changed_.notify_all();
    return {200, {}, "{}"};
  }
  net::HttpResponse enrol(const Json& body) {
    const std::scoped_lock lock(mutex_);
    if (body["secret"] != secret) {
      return {403,
              {},
              wire::to_problem(
                  {ErrorKind::forbidden, "secret_refused", "the secret is not right", ""}, "")
                  .dump()};
    }
    ++enrolments;
    changed_.notify_all();
    return sign(body);
  }
  net::HttpResponse sign(const Json& body) {
    const auto certificate = net::sign_request(authority_, body["request"], "mail@main", {},
                                               lifetime, SystemClock{}.now());
    return {200, {}, Json{{"certificate", *certificate}, {"expires", "later"}}.dump()};
  }
  net::HttpResponse work(const wire::WorkQuestion& question) {
    std::unique_lock lock(mutex_);
    status = question.status;
    changed_.notify_all();
    wire::WorkAnswer answer;
    std::optional<FeedPage> page;
    changed_.wait_for(lock, std::chrono::seconds(question.wait), [&] {
      answer = {};
      answer.revision = revision_;
      if (snapshot_ && (revision_ == snapshot_->revision || question.snapshot_hash.empty())) {
        answer.snapshot_hash = wire::snapshot_hash(*snapshot_);
      }
      if (snapshot_ && wire::snapshot_hash(*snapshot_) != question.snapshot_hash) {
        answer.snapshot = snapshot_;
      }
      const std::uint64_t known = question.position.generation == "g" ? question.position.seq : 0;
      page = FeedPage{.generation = "g",
                      .epoch = "e",
                      .rows = {},
                      .seq = known,
                      .complete = true,
                      .revision = revision_};
      for (const FeedRow& row : rows_) {
        if (row.seq > known) {
          page->rows.push_back({.kind = row.kind(),
                                .key = row.key,
                                .seq = row.seq,
                                .revision = row.revision,
                                .deleted = row.deleted,
                                .content = wire::content_text(row.content)});
          page->seq = row.seq;
        }
      }
      if (page->rows.empty() && question.position.generation == "g") {
        page.reset();
      }
      answer.commands = std::exchange(commands_, {});
      const bool unsettled = reports.empty() ? false : revision_ > reports.back().revision;
      return down_ || answer.snapshot || page || !answer.commands.empty() || unsettled;
    });
    return {200, {}, wire::answer_text(answer, page)};
  }

  net::CertificateAuthority authority_;
  net::TlsIdentity identity_;
  std::unique_ptr<net::HttpServer> server_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool down_ = false;
  Revision revision_ = 0;
  std::optional<Snapshot> snapshot_;
  std::vector<FeedRow> rows_;
  std::vector<AgentCommand> commands_;
};

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

FeedRow mailbox_of(std::uint64_t seq, Revision revision, const std::string& email,
                   const std::string& hash) {
  FeedRow row = test::mailbox(seq, email, {.password_hash = hash, .quota = 5});
  row.revision = revision;
  return row;
}

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
    service.daemons.push_back(std::move(daemon));
    AgentOptions options;
    options.state = folder_ / "state";
    options.logs = folder_ / "logs";
    options.pipe = {.templates = folder_ / "templates",
                    .overrides = folder_ / "overrides",
                    .scratch = folder_ / "scratch"};
    options.link = {.url = control_.url(),
                    .authority = folder_ / "ca.pem",
                    .host = folder_ / "host",
                    .secret = folder_ / "secret",
                    .folder = folder_ / "link",
                    .timeout = 5000ms};
    options.replica = {.path = folder_ / "state/replica/replica.db",
                       .users = folder_ / "users",
                       .deleted = folder_ / "deleted",
                       .owners = folder_ / "owners/owners.db"};
    options.lookups.replica = options.replica.path;
    options.run = folder_ / "run";
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
  bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = 10s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  net::HttpResponse ask(const std::string& path) {
    auto client = net::HttpClient::make(
        {.base_url = fmt::format("http://127.0.0.1:{}", agent_->health_port())});
    return (*client)->send({.path = path}).value();
  }

  // Before any thread of the control plane: SIGCHLD must reach the agent's loop.
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
  FakeDaemon* postfix_ = nullptr;
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
  // the code of the agent's next end
  std::atomic<const char*> ends_with_ = "";
};

TEST_F(AgentTest, EnrolsStartsFollowsAndReports) {
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "fetch"; }))
      << "tells what it waits for";
  EXPECT_EQ(control_.enrolments, 1);
  control_.add_row(test::domain(1, "a.test"));
  control_.add_row(mailbox_of(2, 1, "first@a.test", "$argon2id$x"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  ASSERT_TRUE(control_.wait(
      [&] { return !control_.reports.empty() && control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }))
      << "pushed without waiting for the next poll";

  const auto began = std::chrono::steady_clock::now();
  control_.add_row(mailbox_of(3, 3, "second@a.test", "$argon2id$y"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began);
  fmt::print("one row, from the change to its report: {} us\n", took.count());
  EXPECT_LT(took, 100ms);
  EXPECT_GE(postfix_->directory_probes, 1);

  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_THAT(ask("/readyz").body, HasSubstr("\"ready\":true"));
  EXPECT_THAT(ask("/metrics").body, HasSubstr("podplay_agent_rows_total{service=\"mail\"} 3\n"));
  EXPECT_EQ(ask("/nothing").status, 404);
}

TEST_F(AgentTest, LosesTheLinkQuietlyAndFindsItAgain) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  const int port = control_.port();
  control_.stop();
  ASSERT_TRUE(eventually([&] { return !agent_->board().figures.linked; }));
  std::this_thread::sleep_for(700ms);
  EXPECT_EQ(lines_->count("the control plane is away"), 1)
      << "one line, whatever the number of attempts";
  EXPECT_EQ(agent_->board().status().state, "ready");
  control_.start(port);
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(lines_->count("linked to the control plane"), 2);
}

TEST_F(AgentTest, StartsFromDiskWhenTheControlPlaneIsAway) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
  quit();
  control_.stop();
  launch();
  EXPECT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

TEST_F(AgentTest, WithoutAWholeDirectoryNoDaemonStarts) {
  serve_once_and_lose_the_directory();
  const int port = control_.port();
  control_.stop();
  launch();
  ASSERT_TRUE(eventually([&] {
    return agent_->board().status().stage == "directory" &&
           lines_->count("the control plane is away") > 0;
  }));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(agent_->board().status().daemons.at(0).pid, 0) << "it would refuse everybody's mail";
  control_.start(port);
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

TEST_F(AgentTest, ADamagedDirectoryEndsTheAgentWithItsReason) {
  control_.add_row(test::domain(1, "a.test"));
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  for (const char* suffix : {"", "-wal"}) {
    test::damage(folder_ / "state/replica/replica.db" + suffix);
  }
  ends_with_ = "directory_damaged";
  postfix_->sees_rows = false;
  control_.add_row(mailbox_of(2, 2, "second@a.test", "$argon2id$y"));
  ASSERT_TRUE(eventually([&] { return lines_->count("] stopped") == 1; }));
  quit();
  launch();
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
  EXPECT_EQ(agent_->board().status().feed_seq, 2U);
}

TEST_F(AgentTest, AnEmptyDirectoryThatCouldNotBeOpenedAtFirstMeansANewStart) {
  serve_once_and_lose_the_directory();
  std::ofstream(folder_ / "state/replica") << "in the way";
  ends_with_ = "directory_empty";
  launch();
  ASSERT_TRUE(eventually([&] { return lines_->count("cannot be opened; trying again") == 1; }));
  std::filesystem::remove(folder_ / "state/replica");
  ASSERT_TRUE(eventually([&] { return lines_->count("] stopped") == 2; }))
      << "daemons run, and would refuse everybody's mail";
  quit();
  launch();
  ASSERT_TRUE(eventually([&] { return agent_->board().status().state == "ready"; }));
}

TEST_F(AgentTest, ADeadDaemonIsToldAtOnce) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const int pid = control_.status.daemons.at(0).pid;
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(control_.wait([&] { return control_.status.daemons.at(0).pid != pid; }, 2s));
  ASSERT_TRUE(control_.wait(
      [&] {
        return control_.status.state == "ready" && control_.status.daemons.at(0).restarts == 1;
      },
      3s));
}

TEST_F(AgentTest, RunsCommands) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  const int pid = control_.status.daemons.at(0).pid;
  control_.add_command({"1", "queue", "{}", "r1"});
  control_.add_command({"2", "fly", "{}", "r2"});
  control_.add_command({"3", "dry_run",
                        Json{{"snapshot", wire::to_json(mail_snapshot(9, "dry.test"))}}.dump(),
                        "r3"});
  control_.add_command({"4", "restart", R"({"daemon":"postfix"})", "r4"});
  ASSERT_TRUE(control_.wait([&] { return control_.results.size() == 4; }));
  EXPECT_EQ(control_.results[0].result, R"({"messages":[]})");
  EXPECT_FALSE(control_.results[1].ok);
  EXPECT_THAT(control_.results[1].result, HasSubstr("verb_unknown"));
  EXPECT_THAT(control_.results[2].result, HasSubstr("+myhostname = dry.test"));
  EXPECT_TRUE(control_.results[3].ok) << control_.results[3].result;
  ASSERT_TRUE(control_.wait([&] { return control_.status.daemons.at(0).pid != pid; }));
}

TEST_F(AgentTest, ARefusedSnapshotIsReportedOnceAndStillStandsForTheNextRevision) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  control_.set_snapshot(mail_snapshot(2, "unrenderable"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  EXPECT_EQ(control_.reports.back().running, 1U);
  control_.add_row(mailbox_of(1, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied) << "the directory goes on";
}

TEST_F(AgentTest, WhatWasRefusedIsTriedAgainWithTheNextChangeOfFiles) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  postfix_->check_says = "fatal: the override is broken";
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  postfix_->check_says = "";
  // the same files are asked for by a new revision
  control_.set_snapshot(mail_snapshot(3, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
  EXPECT_EQ(control_.reports.back().running, 3U) << "not only said so";
}

TEST_F(AgentTest, EnrolsAgainWhenItsCertificateHasExpired) {
  // at once
  control_.lifetime = 0s;
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.enrolments >= 1; }));
  control_.lifetime = 1h;
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
}

TEST_F(AgentTest, RenewsAtHalfOfTheLifetime) {
  control_.lifetime = 6s;
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.enrolments == 1; }));
  control_.lifetime = 1h;
  ASSERT_TRUE(control_.wait([&] { return control_.renewals == 1; }, 8s));
  EXPECT_EQ(control_.enrolments, 1) << "with the certificate that it has, not with the secret";
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }))
      << "and goes on with the new one";
}

TEST_F(AgentTest, WordsOfAnyCodingAreReported) {
  control_.set_snapshot(mail_snapshot(1, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return !control_.reports.empty(); }));
  postfix_->check_says = "fatal: unknown name 'gr\xf6sse'";
  control_.set_snapshot(mail_snapshot(2, "two.test"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 2; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::refused);
  EXPECT_THAT(control_.reports.back().message, HasSubstr("unknown name 'gr"));
}

TEST_F(AgentTest, RowsThatADaemonDoesNotSeeYetAreNotReported) {
  control_.add_row(test::domain(1, "a.test"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  postfix_->sees_rows = false;
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$x"));
  ASSERT_TRUE(control_.wait([&] { return control_.status.stage == "probe"; }))
      << "says what it waits for";
  EXPECT_LT(control_.reports.back().revision, 3U);
  postfix_->sees_rows = true;
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(control_.reports.back().state, ApplyState::applied);
}

TEST_F(AgentTest, WhoseLoginEndedIsTurnedOut) {
  control_.add_row(mailbox_of(1, 1, "u@a.test", "$argon2id$x"));
  control_.set_snapshot(mail_snapshot(2, "one.test"));
  launch();
  ASSERT_TRUE(control_.wait([&] { return control_.status.state == "ready"; }));
  control_.add_row(mailbox_of(2, 3, "u@a.test", "$argon2id$another"));
  ASSERT_TRUE(control_.wait([&] { return control_.reports.back().revision == 3; }));
  EXPECT_EQ(postfix_->kicked, 1);
}

TEST_F(AgentTest, SaysThatTheSecretIsRefused) {
  control_.secret = "another";
  launch();
  EXPECT_TRUE(eventually([&] { return lines_->count("refuses the enrolment secret") > 0; }));
  EXPECT_TRUE(eventually([&] { return lines_->count("restart the pod") > 0; }));
}

}  // namespace
}  // namespace podplay::agent
