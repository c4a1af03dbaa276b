// The agent of one service, PID 1 of its container: wires the parts together and runs each loop in
// a thread of its own.
//
//   thread     runs              changes
//   main       the supervisor    daemons' processes
//   keep       Keeper            starts the daemons, then only probes them
//   follow     Follower          releases, rows, reports
//   push       Pusher            nothing: reports changes of state
//   fetch      Errands           nothing: takes commands
//   query, check, long work      the work that a command asks for
//   lookups    LookupServer      which mailboxes are nearly full; also answers Postfix (mail)
//   tell       Watch             nothing: tells what happened to logins (mail)
//   hear       Watch             counts of tries to log in (mail)
//   quota      LookupServer      nothing: answers Postfix whether a message fits (mail)
//   forward    ForwardServer     Postfix's queue: sends on what aliases name elsewhere (mail)
//   checks     CheckRunner       nothing: asks the daemons how they are
//   health     HTTP server       nothing: reads the board
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/board.hpp"
#include "agent/checks/checks.hpp"
#include "agent/errands.hpp"
#include "agent/feed.hpp"
#include "agent/follower.hpp"
#include "agent/forwards/forward_server.hpp"
#include "agent/guard/watch.hpp"
#include "agent/keeper.hpp"
#include "agent/link.hpp"
#include "agent/logging/levels.hpp"
#include "agent/logging/logged_files.hpp"
#include "agent/lookups/ended_logins.hpp"
#include "agent/lookups/quota_policy.hpp"
#include "agent/lookups/server.hpp"
#include "agent/lookups/tables.hpp"
#include "agent/metrics/agent_metrics.hpp"
#include "agent/pipe/candidates.hpp"
#include "agent/pipe/releases.hpp"
#include "agent/pipe/stages.hpp"
#include "agent/pusher.hpp"
#include "agent/questions.hpp"
#include "agent/stop_signal.hpp"
#include "base/files.hpp"
#include "base/run_mark.hpp"
#include "supervise/supervisor.hpp"

namespace podplay::agent {

struct AgentOptions {
  // Holds the releases and the replica.
  std::string state = "/data/service";
  // Gives the sink of the file SERVICE/LOG.log below the folder of logs.
  std::function<std::shared_ptr<LogSink>(const std::string& name)> log_file{};
  CandidateOptions candidates{};
  PipeOptions pipe{};
  LinkOptions link{};
  ReplicaOptions replica{};
  LookupOptions lookups{};
  WatchOptions watch{};
  // Where the sockets for look-ups are made.
  std::string run = "/run/podplay";
  supervise::SupervisorOptions supervisor{};
  // 0 takes any free port.
  int health_port = 0;
  // How many seconds one long-poll lasts.
  int poll_wait = 25;
  AgentLevels levels{};
  LogFormat log_format = LogFormat::text;
  bool log_commands = false;
  // The checks of health; none: the thread of checks only notes daemons that end.
  std::vector<CheckQuestion> checks{};
  // These sinks get every line of the daemons, in addition to the files.
  std::vector<std::shared_ptr<LogSink>> daemon_sinks{};
};

// Dovecot's quota warning is sent to this socket (dovecot.conf, nearly-full).
inline constexpr const char* kNearlyFullSocket = "/run/podplay/nearly-full";

class Agent {
 public:
  // Construct it in the main thread, before any other thread starts (supervise/supervisor.hpp).
  Agent(daemons::ServiceDescription service, AgentOptions options, Logger log);
  // Waits for the threads, for up to poll_wait seconds.
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Runs until SIGTERM or stop(), and until every daemon has ended. Fails when the volumes cannot
  // be used, when the port is taken, or when the agent must start again to give the daemons a
  // directory.
  Status run();
  // For any thread.
  void stop();
  Board& board() { return board_; }
  int health_port() const { return health_ ? health_->port() : 0; }

 private:
  Status run_until_stopped();
  Status open();
  // Notes when the run before was not stopped: podman has started the container again.
  void begin_run();
  void end_run(const Status& ran);
  // Opens the sockets that Postfix and Dovecot use; only for a service whose daemons look rows up.
  Status open_lookups();
  // Where Postfix asks whether the login of a session still holds.
  LookupSocket login_socket();
  daemons::DomainSource domains_of_directory() const;
  // Whether an address is in one of our domains.
  Result<bool> is_ours(const std::string& address) const;
  // Stops the agent; run() returns the reason.
  void end(const Error& reason);
  // Runs `loop` in a thread of this name; a defect ends one turn of it, not the service.
  void start_thread(const char* name, std::function<void()> loop);
  std::unique_ptr<supervise::LineLog> make_line_log(const ProcessSpec& spec);

  // Constant after construction.
  daemons::ServiceDescription service_;
  const AgentOptions options_;
  const Logger log_;

  // For any thread; each guards itself.
  RealFiles files_;
  LoggedFiles logged_files_;
  SystemClock clock_;
  StopSignal stop_;
  // The request behind the change that is being taken over.
  const std::shared_ptr<logs::CurrentRequest> request_ = std::make_shared<logs::CurrentRequest>();
  supervise::Supervisor supervisor_;
  ProcessRunner runner_;
  Board board_;
  AgentMetrics metrics_;
  Questions questions_;
  Identity identity_;
  Releases releases_;
  Candidates candidates_;
  Stages stages_;
  Watch watch_;

  // Each is run by threads of its own; the feed belongs to the follower.
  Keeper keeper_;
  Errands errands_;
  Pusher pusher_;
  Feed feed_;
  EndedLogins ended_logins_;
  LookupTables lookup_tables_;
  LookupServer lookups_;
  // Dovecot's answer takes its time, so look-ups do not wait behind it.
  QuotaPolicy quota_policy_;
  LookupServer quota_server_;
  ForwardServer forwards_;
  Follower follower_;
  CheckRunner checks_;
  std::unique_ptr<net::HttpServer> health_;

  // Owned by the main thread.
  std::vector<std::thread> threads_;
  RunMark mark_;

  std::mutex mutex_;
  // Guarded by mutex_: why the agent stops by itself.
  Status ended_;
};

}  // namespace podplay::agent
