// The state of the agent's service right now: the one place that /readyz, /metrics and the link
// read.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "model/report.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

// Counts for /metrics; for any thread.
struct Figures {
  // Releases that were installed.
  std::atomic<std::uint64_t> installed = 0;
  // Snapshots that changed no file.
  std::atomic<std::uint64_t> unchanged = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> rolled_back = 0;
  // Rows of the feed that were applied, and the time that this took.
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::uint64_t> row_micros = 0;
  std::atomic<std::uint64_t> link_losses = 0;
  std::atomic<bool> linked = false;
  std::atomic<std::uint64_t> reports = 0;
};

// For any thread.
class Board {
 public:
  Board(ServiceName service, const supervise::Processes& processes, bool needs_directory);

  // What the agent does or waits for now; empty when it does neither.
  void set_stage(std::string stage, std::string message);
  void set_revision(Revision revision);
  void set_position(const FeedPosition& position, bool complete);
  // How many rows are set aside, and the first of them.
  void set_aside(std::uint64_t count, std::vector<SetAsideRow> rows);
  FeedPosition position() const;
  void set_probes(std::vector<ProbeStatus> probes);
  // The answers of all checks of health. Wakes those who wait only when a result differs.
  void set_checks(std::vector<HealthCheck> checks);
  // Notes what the service repaired by itself; the last ones are part of the status.
  void note_repair(SelfRepair repair);
  // Why the control plane does not answer; empty while it does.
  void set_link_words(std::string words);
  std::string link_words() const;
  // The daemons' processes, with how each ended last.
  std::vector<supervise::ProcessStatus> processes() const { return processes_.statuses(); }
  // Call this when every probe has passed once.
  void set_proven();
  void count_stage(Stage stage, std::chrono::microseconds took);
  // Call this after something that status() shows has changed.
  void touch();

  // Its state is "starting", "ready" or "degraded".
  ServiceStatus status() const;
  bool proven() const;
  // Whether the directory is complete; always true for a service without one.
  bool synced() const;
  Revision revision() const;
  std::map<Stage, std::pair<std::uint64_t, std::chrono::microseconds>> stages() const;
  // Waits until anything differs from `seen` (start with 0) or the timeout has passed. Returns the
  // new value for `seen`.
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) const;

  Figures figures{};
  // What other parts count.
  Metrics metrics{};

 private:
  void bump();

  // Constant after construction.
  const ServiceName service_;
  const supervise::Processes& processes_;
  const bool needs_directory_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Guarded by mutex_.
  std::uint64_t version_ = 1;
  std::string stage_;
  std::string message_;
  std::string link_words_;
  Revision revision_ = 0;
  FeedPosition position_;
  bool complete_ = false;
  std::uint64_t set_aside_count_ = 0;
  std::vector<SetAsideRow> set_aside_;
  bool proven_ = false;
  std::vector<ProbeStatus> probes_;
  std::vector<HealthCheck> checks_;
  std::vector<SelfRepair> repairs_;
  std::map<Stage, std::pair<std::uint64_t, std::chrono::microseconds>> stages_;
};

// The part of a status that is worth reporting at once. Equal digests need no message.
std::string status_digest(const ServiceStatus& status);

}  // namespace podplay::agent
