// The pipe: from a snapshot to running, proven daemons (docs/pipe.md). Every stage is logged with
// its duration. A failure before install has touched nothing; a failure after it is rolled back.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/candidates.hpp"
#include "agent/pipe/prove.hpp"
#include "agent/pipe/releases.hpp"
#include "base/clock.hpp"
#include "base/runner.hpp"
#include "daemons/daemon.hpp"
#include "logs/current_request.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

struct PipeOptions {
  // Volumes that must have room; a missing one is skipped.
  std::vector<std::string> volumes{"/data/service", "/data/logs", "/data/user-data"};
  // How long one daemon may take to pass its probes after a start.
  std::chrono::milliseconds start_deadline{20000};
  // How long all of them may take after a reload.
  std::chrono::milliseconds reload_deadline{8000};
  // How long a daemon may answer otherwise than a row says, or show another certificate than the
  // new one, after it was reloaded.
  std::chrono::milliseconds answer_deadline{5000};
  // How long a daemon that is well may not serve a row, or not answer for it, after it was first
  // seen not to. Reading thousands of certificates after a reload takes Dovecot seconds.
  std::chrono::milliseconds row_deadline{30000};
  // How long one connection of a probe may take.
  std::chrono::milliseconds probe_timeout{1000};
  // Log the diff of every release.
  bool log_configs = false;
};

// For any thread: one change, look or restart at a time. Only the follower's thread calls
// probe_directory(), end_sessions() and warm_up(), which take no lock.
class Stages {
 public:
  struct Parts {
    const daemons::ServiceDescription& service;
    Candidates& candidates;
    Releases& releases;
    Runner& runner;
    supervise::Processes& processes;
    Files& files;
    Clock& clock;
    Board& board;
    // The domains that take mail; only for a service with a directory.
    daemons::DomainSource domains{};
    // The request behind the change under way; the log names it.
    std::shared_ptr<logs::CurrentRequest> request = std::make_shared<logs::CurrentRequest>();
    // Takes over the log levels of the snapshot that is served now.
    std::function<void(const Snapshot&)> use_levels{};
    // Instead of `files` for what rows are made into; nullptr: `files`.
    Files* row_files = nullptr;
  };
  Stages(Parts parts, PipeOptions options, Logger log);

  // The snapshot that is served; nothing before the first one and while a change is under way.
  std::optional<Snapshot> served() const;
  // Makes folders and such, before anything starts.
  Status prepare();
  // Starts the daemons of the current release one after the other, even when one does not get
  // ready. False when there is no release.
  bool start_current();
  // All stages from render to probe. Nothing when the service is being stopped meanwhile.
  std::optional<ApplyReport> apply(const Snapshot& snapshot, const std::string& hash);
  // Probes every daemon once and tells the board; skipped while a change is under way. True when a
  // release got well only now, after it had been reported as refused.
  bool look();
  // Probes every daemon once and tells nobody else; nothing while a change is under way.
  std::optional<std::vector<ProbeStatus>> probe_now();
  // Restarts one daemon, or all of them in order when the name is empty, and waits until they are
  // ready.
  Status restart(const std::string& daemon);

  // The verdict on one row that is told to daemons. apply_rows(), prove_rows() and
  // compare_rows() return one for each row, in their order; the first complaint of a daemon counts.
  struct RowResult {
    daemons::RowVerdict verdict{};
    // The daemon that complained.
    std::string daemon{};
  };
  std::vector<RowResult> apply_rows(const std::vector<FeedRow>& rows, daemons::RowSource& source);
  std::vector<RowResult> prove_rows(const std::vector<FeedRow>& rows);
  // See Daemon::recheck_rows().
  std::vector<RowResult> recheck_rows(const std::vector<FeedRow>& rows);
  // See Daemon::compare_rows().
  std::vector<RowResult> compare_rows(const std::vector<FeedRow>& rows, daemons::RowSource& source);
  // See Daemon::settle_rows().
  Status settle_rows(const std::vector<FeedRow>& rows, bool served);
  // Whether rows were applied that daemons see only after a reload.
  bool rows_wait() const;
  Status reload_rows();
  // See Daemon::reads_rows().
  bool reads_rows() const;
  std::chrono::milliseconds answer_deadline() const { return options_.answer_deadline; }
  std::chrono::milliseconds row_deadline() const { return options_.row_deadline; }

  // What each daemon answered about one row: "rcpt" -> "250 2.1.5 Ok".
  using Proof = std::map<std::string, std::string>;
  // One proof for each row. An Error `refused` when a daemon does not see these rows.
  Result<std::vector<Proof>> probe_directory(const std::vector<FeedRow>& rows);
  // Ends the open sessions of every mailbox of which lost() is true.
  Status end_sessions(const daemons::LostLogin& lost);
  // Call this between changes, so that the next probe_directory() finds its connection open.
  void warm_up();

 private:
  class Timed;

  std::expected<Release, Failure> write_checked(const std::vector<ReleaseFile>& files,
                                                const Snapshot& snapshot, const std::string& hash);
  void discard(const Release& release);
  void use_levels(const Snapshot& snapshot) const;
  Step activate(const Changes& changed, const Snapshot& snapshot);
  Step start_all(const Snapshot& snapshot);
  std::chrono::milliseconds time_to_prove(const Snapshot& snapshot) const;
  std::optional<ApplyReport> install_and_prove(const Release& release, const Changes& changed);
  void take_back(const Failure& failure, const Changes& changed);
  ApplyReport refused(const Snapshot& snapshot, const Failure& failure);
  std::vector<daemons::Daemon*> all() const;
  Result<daemons::RowTools> row_tools(daemons::RowSource& source);
  template <class Ask>
  std::vector<RowResult> ask_daemons(const std::vector<FeedRow>& rows, Ask ask);
  void note_seen(const daemons::Daemon& daemon, bool well);
  // When all daemons are ready: has them try again what waited for another one.
  void try_waiting();
  Result<bool> ask_to_try();

  // Constant after construction.
  const Parts parts_;
  const PipeOptions options_;
  const Logger log_;
  Prover prover_;

  // Held during a whole change, look or restart: changes of releases and daemons are made under it.
  mutable std::mutex mutex_;
  // Guarded by mutex_: the daemons were asked to run.
  bool started_ = false;
  // Guarded by mutex_: the daemons that passed their probes when they were probed last, with the
  // process that passed. A new process is a new daemon, also when nobody saw the old one end.
  std::map<std::string, int> well_;
  // Guarded by mutex_: when look() calls try_waiting() the next time, and how long it waits after
  // that.
  SteadyTime next_try_{};
  std::chrono::milliseconds try_pause_{};
  // Guarded by mutex_: as they were read last; daemons keep a reference to them.
  daemons::TemplateSet row_templates_;
};

}  // namespace podplay::agent
