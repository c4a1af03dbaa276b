// The agent of one service: PID 1 with its daemons, the pipe, the directory, the link and the
// health port, each in a thread that is plain straight-line code.
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
  // releases and directory
  std::string state = "/data/service";
  // <service>/<log>.log below
  std::string logs = "/data/logs";
  ConvergeOptions converge{};
  LinkOptions link{};
  DirectoryOptions directory{};
  supervise::SupervisorOptions supervisor{};
  // 0: any free one
  int health_port = 0;
  // seconds of one long-poll
  int poll_wait = 25;
  // lines of daemons below it are dropped
  Level daemon_level = Level::info;
  LogFormat log_format = LogFormat::text;
  bool log_commands = false;
  // besides the files
  std::vector<std::shared_ptr<LogSink>> daemon_sinks{};
};

class Agent {
 public:
  // In the main thread, before any other thread (supervise/supervisor.hpp).
  Agent(daemons::ServiceDescription service, AgentOptions options, Logger log);
  // waits for the threads: up to poll_wait
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Until SIGTERM or stop() and the end of every daemon. An Error when the volumes cannot be used
  // or the port is taken, or when only a new start gives the daemons a directory.
  Status run();
  void stop();
  Board& board() { return board_; }
  int health_port() const { return health_ ? health_->port() : 0; }

 private:
  Status open();
  Status open_directory();
  Status use_directory();
  // when something does not work
  Status check_directory();
  void start_anew(const Error& reason);
  // a defect ends one turn of a loop, not the service
  void guarded(const char* name, void (Agent::*loop)());
  // starts from disk, then probes now and then
  void keep();
  // the long-poll
  void follow();
  // tells changes of state at once
  void push();
  // commands of the control plane
  void run_errands();
  // one long-poll; false when there was no answer
  bool turn();
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
  // false when stopping
  bool pause(std::chrono::milliseconds duration);
  bool stopping() const;
  // two daemons may share a log: one sink for each
  std::shared_ptr<LogSink> daemon_file(const std::string& log);

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
  // mail only
  std::unique_ptr<Directory> directory_;
  Identity identity_;
  // of follow()
  Link link_;
  // of push()
  Link pusher_;
  // of run_errands()
  Link errander_;
  std::unique_ptr<net::HttpServer> health_;

  // the daemons may be started
  std::promise<void> prepared_;
  std::shared_future<void> when_prepared_;
  // the directory was empty or lost: daemons would turn everybody's mail away
  bool syncs_first_ = false;
  Revision settled_ = 0;
  // of the last snapshot
  std::optional<ApplyReport> refusal_;
  // the refused snapshot: its cause may have gone, such as a full disk
  SteadyTime try_again_{};
  std::chrono::seconds again_after_{0};
  // of the refused snapshot
  int tries_ = 0;
  // applied rows that a daemon did not see yet
  std::vector<DirectoryRow> unproven_;
  // until it does
  std::optional<ApplyReport> held_;
  // rows cannot be written
  bool stuck_ = false;
  // of the directory
  SteadyTime next_check_{};
  std::deque<ApplyReport> unsent_;
  // see Converge::look()
  std::atomic<bool> late_ = false;
  bool prepared_set_ = false;
  const std::string instance_;

  // of the members below
  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<AgentCommand> errands_;
  // of the last snapshot, applied or refused
  std::string seen_hash_;
  // digest of the status that was sent last
  std::string told_;
  bool stopping_ = false;
  // why the agent stops by itself
  Status ended_;
  std::map<std::string, std::shared_ptr<LogSink>> daemon_files_;
  std::vector<std::thread> threads_;
};

}  // namespace podplay::agent
