// A daemon and processes that obey the test, and a folder that is removed after it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/runner.hpp"
#include "daemons/daemon.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "podplay-test.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Snapshot mail_snapshot(Revision revision, const std::string& host) {
  MailSnapshot body;
  body.host_name = host;
  return {ServiceName::mail, revision, body};
}

// Renders one file with the host name. The test decides what it refuses.
class FakeDaemon final : public daemons::Daemon {
 public:
  explicit FakeDaemon(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  ProcessSpec process() const override {
    return {name_, {"/bin/sh", "-c", script}, {}, SIGTERM, std::chrono::milliseconds{1000}};
  }
  Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                          const daemons::TemplateSet&) const override {
    const auto& body = std::get<MailSnapshot>(snapshot.body);
    if (body.host_name == "unrenderable") {
      return fail(ErrorKind::invalid, "template", "main.cf.tmpl line 3: unknown name 'hots_name'");
    }
    return std::vector<ReleaseFile>{
        {"etc/" + name_ + "/main.cf", "myhostname = " + body.host_name + "\n", 0644},
        {"etc/" + name_ + "/fixed.cf", "always the same\n", 0640}};
  }
  Status check(Runner&, const std::string& release) override {
    ++checks;
    checked = release;
    if (check_says.empty()) {
      return {};
    }
    return fail(ErrorKind::refused, "check", check_says);
  }
  Status reload(Runner&, std::span<const std::string> changed) override {
    ++reloads;
    wait_while_held();
    last_changed.assign(changed.begin(), changed.end());
    return {};
  }
  std::vector<ProbeStatus> probe(const Snapshot& snapshot, std::chrono::milliseconds) override {
    const bool ok =
        std::get<MailSnapshot>(snapshot.body).host_name != probe_refuses && !greets_wrongly;
    return {{name_ + "-greeting", ok, ok ? "220 ready" : "421 wrong name in the greeting"}};
  }
  std::optional<daemons::DirectoryProbe> probe_directory(std::span<const FeedRow> rows) override {
    directory_probes += static_cast<int>(rows.size());
    return daemons::DirectoryProbe{.status = {"rcpt", sees_rows, sees_rows ? "250" : "451 not yet"},
                                   .answers = std::vector<std::string>(rows.size(), "250")};
  }
  bool takes(RowKind kind) const override {
    return kind == RowKind::site || kind == RowKind::challenge || kind == RowKind::certificate;
  }
  // Sites wait for a reload, as Apache's do; and so does what is taken back.
  bool rows_wait() const override { return (sites_need_reload && sites_wait_) || goes_back_; }
  Status reload_rows(Runner&) override {
    sites_wait_ = false;
    goes_back_ = false;
    ++row_reloads;
    return {};
  }
  bool reads_rows() override { return reads; }
  std::vector<daemons::RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                              std::chrono::milliseconds) override {
    rows_proven += static_cast<int>(rows.size());
    return answers_about(rows);
  }
  std::vector<daemons::RowVerdict> recheck_rows(std::span<const FeedRow> rows,
                                                std::chrono::milliseconds) override {
    rows_rechecked += static_cast<int>(rows.size());
    return answers_about(rows);
  }
  Status settle_rows(Files&, std::span<const FeedRow> rows, bool served) override {
    const std::scoped_lock lock(settled_mutex_);
    for (const FeedRow& row : rows) {
      settled_.push_back(row.key + (served ? " stays" : " goes back"));
      goes_back_ = goes_back_ || !served;
    }
    return {};
  }
  std::vector<daemons::RowVerdict> compare_rows(daemons::RowTools&, std::span<const FeedRow> rows,
                                                std::chrono::milliseconds) override {
    if (!serves_otherwise.exchange(false)) {
      return std::vector<daemons::RowVerdict>(rows.size());
    }
    return {rows.size(), {.state = daemons::RowState::later, .words = "another content"}};
  }
  std::vector<daemons::RowVerdict> apply_rows(daemons::RowTools&,
                                              std::span<const FeedRow> rows) override {
    std::vector<daemons::RowVerdict> verdicts;
    for (const FeedRow& row : rows) {
      const bool bad = row.key == refuses_row;
      verdicts.push_back({.state = bad ? daemons::RowState::refused : daemons::RowState::done,
                          .words = bad ? "syntax error in " + row.key : ""});
      const bool challenge = row.kind() == RowKind::challenge;
      sites_wait_ = sites_wait_ || !challenge;
      challenges_applied += challenge ? 1 : 0;
      sites_waited = sites_waited || (challenge && sites_wait_);
    }
    rows_applied += static_cast<int>(rows.size());
    return verdicts;
  }
  Status end_sessions(Runner&, const daemons::LostLogin& lost) override {
    for (const std::string& mailbox : sessions) {
      kicked += lost({.mailbox = mailbox}) ? 1 : 0;
    }
    return {};
  }
  Result<bool> try_waiting(Runner&, const daemons::DomainSource& domains) override {
    ++times_tried;
    TRY(const auto names, domains());
    domains_tried = static_cast<int>(names.size());
    return false;
  }
  bool knows(std::string_view verb) const override { return verb == "queue" || verb == "test"; }
  Result<std::string> command(Runner&, std::string_view verb, const std::string&) override {
    if (verb == "queue") {
      return R"({"messages":[]})";
    }
    wait_while_held();
    return "{}";
  }

  std::string script = "exec sleep 1000";
  std::string check_says;
  std::string probe_refuses = "unprobable";
  std::atomic<bool> greets_wrongly = false;
  std::string checked;
  std::vector<std::string> last_changed;
  int checks = 0;
  std::atomic<int> reloads = 0;
  // While it is true, reloads and tests do not end (10 s at most); `holding` counts them.
  std::atomic<bool> held = false;
  std::atomic<int> holding = 0;
  std::atomic<int> directory_probes = 0;
  // The mailboxes that have an open session.
  std::vector<std::string> sessions{"u@a.test"};
  std::atomic<int> kicked = 0;
  std::atomic<int> times_tried = 0;
  std::atomic<int> domains_tried = -1;
  std::atomic<bool> sees_rows = true;
  std::string refuses_row;
  // The next comparison finds a difference.
  std::atomic<bool> serves_otherwise = false;
  std::atomic<int> rows_applied = 0;
  // Of rows with this sequence the daemon shows something else than they say.
  std::atomic<std::uint64_t> answers_otherwise = 0;
  std::atomic<int> rows_proven = 0;
  std::atomic<int> rows_rechecked = 0;
  std::atomic<int> row_reloads = 0;
  // As Dovecot does for seconds after a reload.
  std::atomic<bool> reads = false;
  std::vector<std::string> settled_rows() {
    const std::scoped_lock lock(settled_mutex_);
    return settled_;
  }
  std::atomic<int> challenges_applied = 0;
  std::atomic<bool> sites_need_reload = false;
  // Whether a challenge was told while sites waited for their reload.
  std::atomic<bool> sites_waited = false;

 private:
  std::vector<daemons::RowVerdict> answers_about(std::span<const FeedRow> rows) const {
    std::vector<daemons::RowVerdict> verdicts(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].seq == answers_otherwise) {
        verdicts[i] = {.state = daemons::RowState::later,
                       .words = "SMTP on port 25 shows another certificate",
                       .answered = true};
      }
    }
    return verdicts;
  }
  void wait_while_held() {
    ++holding;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (held && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    --holding;
  }

  std::string name_;
  std::mutex settled_mutex_;
  // Guarded by settled_mutex_.
  std::vector<std::string> settled_;
  std::atomic<bool> sites_wait_ = false;
  std::atomic<bool> goes_back_ = false;
};

// Every command succeeds and says nothing.
class NoRunner final : public Runner {
  Result<Outcome> run(const Command&) override { return Outcome{}; }
};

class FakeProcesses final : public supervise::Processes {
 public:
  Status start(const std::string& name) override { return run(name); }
  Status restart(const std::string& name) override { return run(name); }
  void mark_ready(const std::string& name, int) override { states_[name].state = "ready"; }
  std::vector<supervise::ProcessStatus> statuses() const override {
    std::vector<supervise::ProcessStatus> result;
    for (const auto& [name, status] : states_) {
      result.push_back(status);
    }
    return result;
  }
  bool stopping() const override { return false; }
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds) override {
    return seen;
  }
  std::vector<std::string> started;

 private:
  Status run(const std::string& name) {
    started.push_back(name);
    states_[name] = {.name = name, .state = "starting", .pid = next_pid_++};
    return {};
  }
  int next_pid_ = 100;
  std::map<std::string, supervise::ProcessStatus> states_;
};

}  // namespace podplay::agent
