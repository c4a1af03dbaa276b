// The agent of one service: PID 1 with its daemons, the pipe, the directory, the link and the health port, each in a thread
// that is plain straight-line code.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/board.hpp"
#include "agent/converge.hpp"
#include "agent/directory.hpp"
#include "agent/link.hpp"
#include "agent/releases.hpp"
#include "base/files.hpp"
#include "supervise/supervisor.hpp"

namespace podplay::agent {

struct AgentOptions {
  std::string state = "/data/service";  // releases and directory
  std::string logs = "/data/logs";      // <service>/<log>.log below
  ConvergeOptions converge{};
  LinkOptions link{};
  DirectoryOptions directory{};
  supervise::SupervisorOptions supervisor{};
  int health_port = 0;               // 0: any free one
  int poll_wait = 25;                // seconds of one long-poll
  Level daemon_level = Level::info;  // lines of daemons below it are dropped
  LogFormat log_format = LogFormat::text;
  bool log_commands = false;
  std::vector<std::shared_ptr<LogSink>> daemon_sinks{};  // besides the files
};

class Agent {
 public:
  // In the main thread, before any other thread (supervise/supervisor.hpp).
  Agent(daemons::ServiceDescription service, AgentOptions options, Logger log);
  ~Agent();  // waits for the threads: up to poll_wait
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Until SIGTERM or stop() and the end of every daemon. An Error when the volumes cannot be used or the
  // port is taken, or when only a new start gives the daemons a directory.
  Status run();
  void stop();
  Board& board() { return board_; }
  int health_port() const { return health_ ? health_->port() : 0; }

 private:
  Status open();
  Status open_directory();
  Status use_directory();
  Status check_directory();  // when something does not work
  void start_anew(const Error& reason);
  void guarded(const char* name, void (Agent::*loop)());  // a defect ends one turn of a loop, not the service
  void keep();                                            // starts from disk, then probes now and then
  void follow();                                          // the long-poll
  void push();                                            // tells changes of state at once
  void run_errands();                                     // commands of the control plane
  bool turn();                                            // one long-poll; false when there was no answer
  void handle(wire::WorkAnswer& work);
  Status apply_directory(const DirectoryBatch& batch);
  std::vector<DirectoryRow> sample_of(const DirectoryBatch& batch);
  void prove_rows();
  void report_late_success();
  void forget_refusal();
  void settle(const ApplyReport& report);
  void queue(std::vector<AgentCommand> commands);
  Result<std::string> execute(const AgentCommand& command);
  Result<std::string> dry_run(const std::string& arguments);
  wire::WorkQuestion question(int wait, bool again = false);
  bool pause(std::chrono::milliseconds duration);  // false when stopping
  bool stopping() const;
  std::shared_ptr<LogSink> daemon_file(const std::string& log);  // two daemons may share a log: one sink for each

  daemons::ServiceDescription service_;
  AgentOptions options_;
  Logger log_;
  RealFiles files_;
  SystemClock clock_;
  supervise::Supervisor supervisor_;
  ProcessRunner runner_;
  Board board_;
  Releases releases_;
  Converge converge_;
  std::unique_ptr<Directory> directory_;  // mail only
  Identity identity_;
  Link link_;      // of follow()
  Link pusher_;    // of push()
  Link errander_;  // of run_errands()
  std::unique_ptr<net::HttpServer> health_;

  std::promise<void> prepared_;  // the daemons may be started
  std::shared_future<void> when_prepared_;
  bool syncs_first_ = false;  // the directory was empty or lost: daemons would turn everybody's mail away
  Revision settled_ = 0;
  std::optional<ApplyReport> refusal_;  // of the last snapshot
  SteadyTime try_again_{};              // the refused snapshot: its cause may have gone, such as a full disk
  std::chrono::seconds again_after_{0};
  int tries_ = 0;                       // of the refused snapshot
  std::vector<DirectoryRow> unproven_;  // applied rows that a daemon did not see yet
  std::optional<ApplyReport> held_;     // until it does
  bool stuck_ = false;                  // rows cannot be written
  SteadyTime next_check_{};             // of the directory
  std::deque<ApplyReport> unsent_;
  std::atomic<bool> late_ = false;  // see Converge::look()
  bool prepared_set_ = false;
  const std::string instance_;

  mutable std::mutex mutex_;  // of the members below
  std::condition_variable wakes_;
  std::deque<AgentCommand> errands_;
  std::string seen_hash_;  // of the last snapshot, applied or refused
  std::string told_;       // digest of the status that was sent last
  bool stopping_ = false;
  Status ended_;  // why the agent stops by itself
  std::map<std::string, std::shared_ptr<LogSink>> daemon_files_;
  std::vector<std::thread> threads_;
};

}  // namespace podplay::agent
