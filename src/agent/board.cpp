// The state is put together when it is asked for, from what the threads wrote and from the
// supervisor's view of the daemons. A change wakes the threads that wait for one; the progress of a
// position and the duration of a stage do not count as changes.
#include "agent/board.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::agent {

Board::Board(ServiceName service, const supervise::Processes& processes, bool needs_directory)
    : service_(service), processes_(processes), needs_directory_(needs_directory) {}

void Board::bump() {
  ++version_;
  changed_.notify_all();
}

void Board::set_stage(std::string stage, std::string message) {
  const std::scoped_lock lock(mutex_);
  stage_ = std::move(stage);
  message_ = std::move(message);
  bump();
}

void Board::set_revision(Revision revision) {
  const std::scoped_lock lock(mutex_);
  revision_ = revision;
  bump();
}

void Board::set_position(const FeedPosition& position, bool complete) {
  const std::scoped_lock lock(mutex_);
  position_ = position;
  if (complete != complete_) {
    complete_ = complete;
    bump();
  }
}

void Board::set_aside(std::uint64_t count, std::vector<SetAsideRow> rows) {
  const std::scoped_lock lock(mutex_);
  if (count == set_aside_count_ && rows == set_aside_) {
    return;
  }
  set_aside_count_ = count;
  set_aside_ = std::move(rows);
  bump();
}

FeedPosition Board::position() const {
  const std::scoped_lock lock(mutex_);
  return position_;
}

void Board::set_probes(std::vector<ProbeStatus> probes) {
  const std::scoped_lock lock(mutex_);
  probes_ = std::move(probes);
  bump();
}

void Board::set_checks(std::vector<HealthCheck> checks) {
  const auto same = [](const HealthCheck& one, const HealthCheck& other) {
    return one.name == other.name && one.result == other.result;
  };
  const std::scoped_lock lock(mutex_);
  const bool changed = !std::ranges::equal(checks, checks_, same);
  checks_ = std::move(checks);
  if (changed) {
    bump();
  }
}

void Board::note_repair(SelfRepair repair) {
  // As many as may happen while the control plane is away; it keeps them all.
  constexpr std::size_t kMostRepairs = 20;
  const std::scoped_lock lock(mutex_);
  if (repairs_.size() >= kMostRepairs) {
    repairs_.erase(repairs_.begin());
  }
  repairs_.push_back(std::move(repair));
  bump();
}

void Board::set_link_words(std::string words) {
  const std::scoped_lock lock(mutex_);
  link_words_ = std::move(words);
}

std::string Board::link_words() const {
  const std::scoped_lock lock(mutex_);
  return link_words_;
}

void Board::set_proven() {
  const std::scoped_lock lock(mutex_);
  proven_ = true;
  bump();
}

void Board::count_stage(Stage stage, std::chrono::microseconds took) {
  const std::scoped_lock lock(mutex_);
  auto& [count, sum] = stages_[stage];
  ++count;
  sum += took;
}

void Board::touch() {
  const std::scoped_lock lock(mutex_);
  bump();
}

bool Board::proven() const {
  const std::scoped_lock lock(mutex_);
  return proven_;
}

bool Board::synced() const {
  const std::scoped_lock lock(mutex_);
  return !needs_directory_ || complete_;
}

Revision Board::revision() const {
  const std::scoped_lock lock(mutex_);
  return revision_;
}

std::map<Stage, std::pair<std::uint64_t, std::chrono::microseconds>> Board::stages() const {
  const std::scoped_lock lock(mutex_);
  return stages_;
}

std::uint64_t Board::wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return version_ != seen; });
  return version_;
}

ServiceStatus Board::status() const {
  const std::vector<supervise::ProcessStatus> processes = processes_.statuses();
  const std::scoped_lock lock(mutex_);
  ServiceStatus status;
  status.agent.service = service_;
  status.revision = revision_;
  status.feed_seq = position_.seq;
  status.set_aside_count = set_aside_count_;
  status.set_aside = set_aside_;
  status.probes = probes_;
  status.checks = checks_;
  status.repairs = repairs_;
  status.sent = to_millis(
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  status.stage = stage_;
  status.message = message_;
  for (const supervise::ProcessStatus& process : processes) {
    status.daemons.push_back({.name = process.name,
                              .state = process.state,
                              .pid = process.pid,
                              .restarts = process.restarts,
                              .since = process.since,
                              .last_words = process.last_words});
  }
  const bool synced = !needs_directory_ || complete_;
  const bool well = std::ranges::all_of(
                        processes, [](const auto& process) { return process.state == "ready"; }) &&
                    std::ranges::all_of(probes_, &ProbeStatus::ok) &&
                    std::ranges::none_of(checks_, [](const HealthCheck& check) {
                      return check.result == CheckResult::failed;
                    });
  if (!proven_ || !synced) {
    status.state = "starting";
  } else {
    status.state = well ? "ready" : "degraded";
  }
  if (!synced && status.stage.empty()) {
    status.stage = "directory";
    status.message =
        fmt::format("waiting for the first sync of the directory, at {}", position_.seq);
  }
  const auto failed = std::ranges::find(probes_, false, &ProbeStatus::ok);
  if (status.message.empty() && failed != probes_.end()) {
    status.message = fmt::format("{}: {}", failed->name, failed->message);
  }
  const auto check = std::ranges::find(checks_, CheckResult::failed, &HealthCheck::result);
  if (status.message.empty() && check != checks_.end()) {
    status.message = fmt::format("{}: {}", check->name, check->reason);
  }
  return status;
}

std::string status_digest(const ServiceStatus& status) {
  std::string digest = fmt::format("{}|{}|{}|{}|{}", status.state, status.revision, status.stage,
                                   status.message, status.set_aside_count);
  for (const DaemonStatus& daemon : status.daemons) {
    digest += fmt::format("|{} {} {}", daemon.name, daemon.state, daemon.pid);
  }
  for (const ProbeStatus& probe : status.probes) {
    digest += fmt::format("|{} {}", probe.name, probe.ok);
  }
  for (const HealthCheck& one : status.checks) {
    digest += fmt::format("|{} {}", one.name, to_text(one.result));
  }
  for (const SelfRepair& repair : status.repairs) {
    digest += fmt::format("|{} {}", repair.at, repair.kind);
  }
  return digest;
}

}  // namespace podplay::agent
