// Probes daemons, once or until a deadline. A daemon is ready when every probe of it passes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/step.hpp"
#include "base/clock.hpp"
#include "daemons/daemon.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

struct ProverOptions {
  // The longest that one connection of a probe may take.
  std::chrono::milliseconds probe_timeout;
  // How many daemons the service has.
  std::size_t daemons;
  // Told what each probe of a daemon has found.
  std::function<void(const daemons::Daemon& daemon, bool well)> seen{};
};

// Holds no state, so any thread may use it. The callers make sure that only one thread changes a
// service.
class Prover {
 public:
  Prover(supervise::Processes& processes, Clock& clock, Board& board, ProverOptions options);

  // Probes one daemon once and appends what was seen; true when all of it is well.
  bool probe(daemons::Daemon& daemon, const Snapshot& snapshot, std::vector<ProbeStatus>& results);
  // Probes until all pass or the limit has passed; gives up early when a daemon dies twice.
  Step prove(const std::vector<daemons::Daemon*>& daemons, const Snapshot& snapshot,
             std::chrono::milliseconds limit);
  // Empty when the supervisor knows no such daemon.
  supervise::ProcessStatus status_of(std::string_view daemon) const;

 private:
  supervise::Processes& processes_;
  Clock& clock_;
  Board& board_;
  const ProverOptions options_;
};

}  // namespace podplay::agent
