// The metrics of an agent and of its daemons, for /metrics and for the control plane. What the
// daemons say is asked at most every few seconds, however often somebody looks.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "agent/board.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"

namespace podplay::agent {

// For any thread.
class AgentMetrics {
 public:
  AgentMetrics(ServiceName service, const Board& board, Clock& clock)
      : service_(service), board_(board), clock_(clock) {}

  // Prometheus text format 0.0.4.
  std::string text() const;

 private:
  std::string daemon_text() const;

  // Constant after construction.
  const ServiceName service_;
  const Board& board_;
  Clock& clock_;

  // Held while the daemons are asked. Who comes meanwhile gets what they said before.
  mutable std::mutex asking_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  mutable std::string daemons_;
  mutable SteadyTime asked_{};
};

// What the board knows, and the counters of board.metrics.
std::string board_metrics(const Board& board);

}  // namespace podplay::agent
