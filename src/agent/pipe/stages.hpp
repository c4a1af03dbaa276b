// The pipe: from a snapshot to running, proven daemons (docs/pipe.md). Every stage is logged with
// its duration; what fails before install has touched nothing, what fails after it is taken back.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/prove.hpp"
#include "agent/pipe/releases.hpp"
#include "base/clock.hpp"
#include "base/runner.hpp"
#include "daemons/daemon.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

struct PipeOptions {
  std::string templates = "/usr/share/podplay/templates";
  std::string overrides = "/data/overrides";
  // where dry runs put their candidate
  std::string scratch = "/tmp";
  // that must have room; one that is not there is passed over
  std::vector<std::string> volumes{"/data/service", "/data/logs", "/data/user-data"};
  // for one daemon to pass its probes after a start
  std::chrono::milliseconds start_deadline{20000};
  // for all of them after a reload
  std::chrono::milliseconds reload_deadline{8000};
  // of one connection
  std::chrono::milliseconds probe_timeout{1000};
  // the diff of every installed release
  bool log_configs = false;
};

struct DryRun {
  bool ok = false;
  int files_changed = 0;
  std::string diff;
  // of the checker that refused, or of the renderer
  std::string words;
};

class Stages {
 public:
  struct Parts {
    daemons::ServiceDescription& service;
    Releases& releases;
    Runner& runner;
    supervise::Processes& processes;
    Files& files;
    Clock& clock;
    Board& board;
  };
  Stages(Parts parts, PipeOptions options, Logger log);

  // Folders and the like, before anything starts.
  Status prepare();
  // Starts the daemons of the current release, if there is one; goes on when one does not get
  // ready.
  bool start_current();
  // All stages from render to probe. Nothing when the service is being stopped meanwhile.
  std::optional<ApplyReport> apply(const Snapshot& snapshot, const std::string& hash);
  // render and check against a candidate that leaves no trace.
  Result<DryRun> dry_run(const Snapshot& snapshot);
  // Just the diff of a rendered snapshot against the current release.
  Result<std::string> render_diff(const Snapshot& snapshot);
  // Probes every daemon once and tells the board; skipped while a snapshot is being applied. True
  // when a release got well only now, after it had been reported as refused.
  bool look();
  // Restarts one daemon, or all of them in order when empty, and waits until they are ready.
  Status restart(const std::string& daemon);
  // Rows that are told to daemons, for the follower. A verdict for each row, in their order; the
  // first complaint of a daemon counts.
  struct RowResult {
    daemons::RowVerdict verdict{};
    // Who complained.
    std::string daemon{};
  };
  std::vector<RowResult> apply_rows(const std::vector<FeedRow>& rows, daemons::RowSource& source);
  std::vector<RowResult> prove_rows(const std::vector<FeedRow>& rows);
  // Rows were applied that daemons see only when they are reloaded.
  bool rows_wait() const;
  Status reload_rows();

  // An Error `refused` when a daemon does not see these rows.
  Status probe_directory(const std::vector<FeedRow>& rows);
  void end_sessions(const std::vector<std::string>& mailboxes);
  void warm_up();

 private:
  class Timed;

  Result<std::vector<ReleaseFile>> render_files(const Snapshot& snapshot,
                                                std::string& daemon) const;
  Step check(const std::string& folder);
  Step activate(const Changes& changed, const Snapshot& snapshot);
  Step start_all(const Snapshot& snapshot);
  std::optional<ApplyReport> install_and_prove(const Release& release, const Changes& changed);
  void take_back(const Failure& failure, const Changes& changed);
  ApplyReport refused(const Snapshot& snapshot, const Failure& failure);
  std::vector<daemons::Daemon*> all() const;

  // Constant after construction.
  const Parts parts_;
  const PipeOptions options_;
  const Logger log_;
  Prover prover_;

  // Held while a snapshot is applied, looked at, or a daemon is restarted: one at a time. It guards
  // the releases, too.
  mutable std::mutex mutex_;
  // Guarded by mutex_: the daemons were asked to run.
  bool started_ = false;
  // Guarded by mutex_: as they were read last; daemons keep a reference to them.
  daemons::TemplateSet row_templates_;
};

}  // namespace podplay::agent
