// Commands of the control plane: taken from the answers of the link, run one after the other, their
// results sent by a link of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "agent/keeper.hpp"
#include "agent/link.hpp"
#include "agent/pipe/candidates.hpp"
#include "agent/pipe/stages.hpp"
#include "base/runner.hpp"

namespace podplay::agent {

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
  };
  Errands(Parts parts, Logger log);

  // For any thread.
  void add(std::vector<AgentCommand> commands);
  // Ends run(), together with the StopSignal.
  void wake();

  // The errands' thread.
  void run();

 private:
  // Nothing when the agent stops.
  std::optional<AgentCommand> next();
  void serve(const AgentCommand& command);
  void send(const AgentCommand& command, const CommandResult& answer);
  Result<std::string> execute(const AgentCommand& command);
  Result<std::string> restart(const std::string& arguments);
  Result<std::string> dry_run(const std::string& arguments);

  // Constant after construction.
  const Parts parts_;
  const Logger log_;

  // Owned by the errands' thread.
  Link link_;

  std::mutex mutex_;
  std::condition_variable wakes_;
  // Guarded by mutex_.
  std::deque<AgentCommand> waiting_;
};

}  // namespace podplay::agent
