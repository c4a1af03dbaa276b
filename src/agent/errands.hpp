// The commands of the control plane are fetched with a long-poll of their own, run in lanes, and
// answered. Neither a change under way nor a long command keeps a query waiting.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/evidence/kept.hpp"
#include "agent/keeper.hpp"
#include "agent/link.hpp"
#include "agent/metrics/agent_metrics.hpp"
#include "agent/pipe/candidates.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/stop_signal.hpp"
#include "base/runner.hpp"
#include "guard/outbound.hpp"

namespace podplay::agent {

// Commands of one lane run one after the other; lanes do not wait for each other.
enum class Lane {
  // metrics, queue, queue_act, send, evidence, look, deleted_list, and unknown verbs: answered at
  // once.
  query,
  // dry_run: runs the daemons' checkers while a write waits for the answer.
  check,
  // restart and test last until a daemon is ready or mail has arrived; mailbox_copy,
  // deleted_restore and deleted_erase as long as a mailbox or a site is large.
  long_work,
};
constexpr std::size_t kLanes = 3;
Lane lane_of(std::string_view verb);

class Errands {
 public:
  struct Parts {
    const daemons::ServiceDescription& service;
    Identity& identity;
    Candidates& candidates;
    Stages& stages;
    const Keeper& keeper;
    Board& board;
    Runner& runner;
    Clock& clock;
    const StopSignal& stop;
    // Counts the messages that the API sends.
    guard::OutboundLimiter& outbound;
    // nullptr: the agent counts nothing.
    const AgentMetrics* metrics = nullptr;
    // Holds the releases.
    std::string state = "/data/service";
  };
  // `poll_wait`: seconds of one long-poll.
  Errands(Parts parts, int poll_wait, Logger log);

  // The fetching thread.
  void fetch();
  // The thread of one lane.
  void run(Lane lane);
  // For any thread: lets run() return once a stop was requested.
  void wake();

 private:
  // Puts the command into its lane, or answers that the lane is full.
  void add(AgentCommand command);
  // Nothing when the agent stops.
  std::optional<AgentCommand> next(Lane lane);
  void serve(const AgentCommand& command);
  void answer(const AgentCommand& command, const Result<std::string>& result);
  void send(const AgentCommand& command, const CommandResult& result);
  Status post(const CommandResult& result);
  Result<std::string> execute(const AgentCommand& command);
  Result<std::string> restart(const std::string& arguments);
  Result<std::string> look(const std::string& arguments) const;
  Result<std::string> evidence(const std::string& arguments);
  // Of a service that counts as well; nothing when its daemons do not answer soon.
  std::optional<std::vector<ProbeStatus>> probe_now();
  Result<std::string> dry_run(const std::string& arguments);
  Status count_message(const AgentCommand& command);

  // Constant after construction.
  const Parts parts_;
  const int poll_wait_;
  const Logger log_;
  // Random at each start, because this process has not seen the commands of an earlier one.
  const std::string instance_;

  // Owned by the fetching thread.
  Link questions_;

  std::mutex mutex_;
  std::condition_variable wakes_;
  // Guarded by mutex_; a queue for each lane.
  std::array<std::deque<AgentCommand>, kLanes> waiting_;

  // Owned by the lane of queries. It goes on when its daemons do not answer soon.
  std::future<std::optional<std::vector<ProbeStatus>>> probing_;

  // Guards itself.
  KeptEvidence kept_evidence_;

  // Results are posted one at a time.
  std::mutex posting_;
  // Guarded by posting_.
  Link results_;
};

}  // namespace podplay::agent
