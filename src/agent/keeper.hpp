// Keeps the service running: starts the daemons from the release on disk without waiting for the
// control plane, then probes them regularly for as long as the agent lives.
#pragma once

#include <atomic>
#include <future>

#include "agent/board.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/stop_signal.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

class Keeper {
 public:
  struct Parts {
    Stages& stages;
    supervise::Processes& processes;
    Board& board;
    Clock& clock;
    const StopSignal& stop;
  };
  Keeper(Parts parts, Logger log);

  // The keeper's thread. `syncs_first`: daemons start only when the directory is whole.
  void run(bool syncs_first);

  // The following functions are for other threads. Waits until the daemons were started once, or
  // the agent stops. Before that, other threads must not change them.
  void wait_until_started() const { when_started_.wait(); }
  // True once after a release has got well that had been reported as refused (see Stages::look).
  bool take_late_success() { return late_success_.exchange(false); }

 private:
  void start(bool syncs_first);
  void prepare();
  void wait_for_directory();
  void look_now_and_then();

  // Constant after construction.
  const Parts parts_;
  const Logger log_;

  // Owned by the keeper's thread.
  bool started_ = false;

  // Written by the keeper's thread, read by others.
  std::promise<void> start_;
  const std::shared_future<void> when_started_;
  std::atomic<bool> late_success_ = false;
};

}  // namespace podplay::agent
