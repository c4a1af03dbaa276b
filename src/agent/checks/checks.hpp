// The agent's checks of health (docs/health.md): each is asked at its own interval, on one thread,
// without a process of its own. One question that fails is asked again a second later; only the
// second failure counts.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/board.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/stop_signal.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "model/check.hpp"
#include "supervise/processes.hpp"

namespace podplay::agent {

// What a check may look at.
struct CheckTools {
  const daemons::ServiceDescription& service;
  const Board& board;
  // The snapshot that is served; nothing while a change is under way.
  std::function<std::optional<Snapshot>()> served;
  Files& files;
  Clock& clock;
  // Holds the releases and the replica: "/data/service".
  std::string state;
};

// One question. It may give several answers: one for each daemon, volume or port.
struct CheckQuestion {
  std::string_view name;
  std::chrono::seconds interval;
  // Bounded: it returns within a few seconds.
  std::function<std::vector<HealthCheck>(const CheckTools&)> ask;
};

// Messages that wait.
struct QueueLimits {
  std::uint64_t many = 1000;
  std::uint64_t most = 5000;
};

// Those of a service; one function for each file of this folder.
std::vector<CheckQuestion> questions_of(ServiceName service);
CheckQuestion ask_release();
CheckQuestion ask_daemons();
CheckQuestion ask_volumes();
CheckQuestion ask_memory();
CheckQuestion ask_ports(ServiceName service);
CheckQuestion ask_certificate();
CheckQuestion ask_queue(std::string spool = "/data/service/spool", QueueLimits limits = {});
CheckQuestion ask_directory();
CheckQuestion ask_zones();

class CheckRunner {
 public:
  struct Parts {
    CheckTools tools;
    Board& board;
    supervise::Processes& processes;
    const StopSignal& stop;
  };
  CheckRunner(Parts parts, std::vector<CheckQuestion> questions, Logger log);

  // The thread of checks.
  void run();
  // Asks what is due, tells the board, and notes daemons that ended by themselves. Returns how long
  // to wait for the next one.
  std::chrono::milliseconds turn(bool changed);

 private:
  struct Asked {
    std::vector<HealthCheck> answers;
    SteadyTime due{};
    // The last answers had a failure that has not been confirmed.
    bool doubted = false;
  };
  void ask(std::size_t index);
  void note_ended();

  // Constant after construction.
  const Parts parts_;
  const std::vector<CheckQuestion> questions_;
  const Logger log_;

  // Owned by the thread.
  std::vector<Asked> asked_;
  // When each daemon ended last, as far as it was noted.
  std::map<std::string, std::int64_t> ended_;
};

}  // namespace podplay::agent
