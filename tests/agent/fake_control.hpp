// A control plane for tests of the agent. It speaks its half of the link over real mutual TLS, and
// hands out what the test put into it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/fakes.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"
#include "wire/feed.hpp"
#include "wire/link.hpp"
#include "wire/problem.hpp"
#include "wire/snapshot.hpp"

namespace podplay::agent {

// For any thread.
class FakeControl {
 public:
  explicit FakeControl(const Folder& folder) {
    const WallTime now = SystemClock{}.now();
    authority_ = *net::make_authority("test CA", std::chrono::days{1}, now);
    const Secret key = *net::make_private_key();
    identity_ = net::TlsIdentity{
        *net::issue_certificate(authority_, key, "podplay-api", {"podplay-api", "127.0.0.1"},
                                std::chrono::minutes{60}, now),
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
    // A stop waits for idle connections, so they end soon.
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
  void add_rows(const std::vector<FeedRow>& rows) {
    change([&] {
      for (const FeedRow& row : rows) {
        revision_ = std::max(revision_, row.revision);
        rows_.push_back(row);
      }
    });
  }
  // The store is restored from a backup: another history begins, with these rows.
  void restore(std::vector<FeedRow> rows, Revision revision) {
    change([&] {
      generation_ = "restored";
      rows_ = std::move(rows);
      revision_ = revision;
    });
  }
  void add_command(AgentCommand command) {
    change([&] { commands_.push_back(std::move(command)); });
  }
  template <class Condition>
  bool wait(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, condition);
  }

  std::vector<ApplyReport> reports;
  std::vector<CommandResult> results;
  ServiceStatus status;
  int enrolments = 0;
  // Of each question for work, in seconds.
  std::vector<int> waits;
  std::string secret = "open sesame";
  std::atomic<std::chrono::seconds> lifetime{std::chrono::hours{1}};
  int renewals = 0;

  // For use inside wait(): the result of the command with this id, null while there is none.
  const CommandResult* result_of(const std::string& id) const {
    const auto found = std::ranges::find(results, id, &CommandResult::id);
    return found == results.end() ? nullptr : &*found;
  }

 private:
  template <class Change>
  void change(Change apply) {
    const std::scoped_lock lock(mutex_);
    apply();
    changed_.notify_all();
  }
  net::HttpResponse answer(const net::HttpRequest& request) {
    const wire::Json body = wire::Json::parse(request.body);
    if (request.path == "/link/enrol") {
      return enrol(body);
    }
    if (request.peer_name != "mail@main") {
      return problem(401, ErrorKind::unauthorized, "no_certificate");
    }
    if (request.path == "/link/work") {
      return work(*wire::question_from_json(body));
    }
    if (request.path == "/link/commands") {
      return commands(*wire::commands_question_from_json(body));
    }
    const std::scoped_lock lock(mutex_);
    if (request.path == "/link/renew") {
      ++renewals;
      return sign(body);
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
  static net::HttpResponse problem(int status, ErrorKind kind, const std::string& code) {
    const Error error{.kind = kind, .code = code, .message = code};
    return {.status = status, .headers = {}, .body = wire::to_problem(error, "").dump()};
  }
  net::HttpResponse enrol(const wire::Json& body) {
    const std::scoped_lock lock(mutex_);
    if (body["secret"] != secret) {
      return problem(403, ErrorKind::forbidden, "secret_refused");
    }
    ++enrolments;
    changed_.notify_all();
    return sign(body);
  }
  net::HttpResponse sign(const wire::Json& body) {
    const auto certificate = net::sign_request(authority_, body["request"], "mail@main", {},
                                               lifetime, SystemClock{}.now());
    return {200, {}, wire::Json{{"certificate", *certificate}, {"expires", "later"}}.dump()};
  }
  net::HttpResponse commands(const wire::CommandsQuestion& question) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(question.wait),
                      [&] { return down_ || !commands_.empty(); });
    return {200, {}, wire::to_json(std::exchange(commands_, {})).dump()};
  }
  net::HttpResponse work(const wire::WorkQuestion& question) {
    std::unique_lock lock(mutex_);
    status = question.status;
    waits.push_back(question.wait);
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
      const std::uint64_t known =
          question.position.generation == generation_ ? question.position.seq : 0;
      page = FeedPage{.generation = generation_,
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
      if (page->rows.empty() && question.position.generation == generation_) {
        page.reset();
      }
      const bool unsettled = !reports.empty() && revision_ > reports.back().revision;
      return down_ || answer.snapshot || page || unsettled;
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
  std::string generation_ = "g";
  std::vector<FeedRow> rows_;
  std::vector<AgentCommand> commands_;
};

}  // namespace podplay::agent
