// PID 1 of a service container: one event loop that starts, restarts, stops and reaps, and reads
// what the daemons say.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/process.hpp"
#include "supervise/backoff.hpp"
#include "supervise/line_log.hpp"
#include "supervise/processes.hpp"
#include "supervise/reaper.hpp"

namespace podplay::supervise {

struct SupervisorOptions {
  // for all daemons together; podman kills after 10 s
  std::chrono::milliseconds stop_budget{8000};
};

class Supervisor final : public Processes {
 public:
  // In the main thread, before any other is started: SIGTERM, SIGINT, SIGQUIT, SIGHUP and SIGCHLD
  // are blocked here and read by run(). `make_log` gives each daemon its log.
  Supervisor(SupervisorOptions options, Logger log,
             std::function<std::unique_ptr<LineLog>(const ProcessSpec&)> make_log);
  ~Supervisor() override;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // in start order, before run()
  void add(ProcessSpec spec);
  // for the Runner; works while run() runs
  std::shared_ptr<Reaper> reaper() const { return reaper_; }

  // Until SIGTERM, SIGINT, SIGQUIT or request_stop(), then until every daemon has ended, the last
  // started first. SIGHUP goes to every daemon.
  void run();
  void request_stop();

  Status start(const std::string& name) override;
  Status restart(const std::string& name) override;
  void mark_ready(const std::string& name, int pid) override;
  std::vector<ProcessStatus> statuses() const override;
  bool stopping() const override;
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) override;
  // Unix ms of the loop's last turn, for /livez
  std::int64_t last_turn() const;

 private:
  enum class State { stopped, starting, ready, backoff, stopping };
  struct Managed;

  // what is due now; with the mutex held
  void turn();
  void turn_stopping(SteadyTime now);
  void launch(Managed& daemon, SteadyTime now);
  void begin_stop(Managed& daemon, SteadyTime now, SteadyTime latest);
  void ended(Managed& daemon, int status, SteadyTime now);
  bool clear_leftovers(Managed& daemon, SteadyTime now);
  void reap();
  void read_outputs();
  bool read_output(Managed& daemon);
  void read_signals();
  void set_state(Managed& daemon, State state);
  void wake() const;
  Managed* find(const std::string& name);
  // ms for poll
  int wait_time(SteadyTime now) const;

  SupervisorOptions options_;
  Logger log_;
  std::function<std::unique_ptr<LineLog>(const ProcessSpec&)> make_log_;
  std::shared_ptr<ChildReaper> reaper_ = std::make_shared<ChildReaper>();
  SystemClock clock_;
  // signalfd
  int signals_ = -1;
  // eventfd
  int wake_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t version_ = 1;
  std::vector<std::unique_ptr<Managed>> daemons_;
  std::optional<SteadyTime> stop_by_;
  // the outputs are read from then on
  SteadyTime listen_from_{};
  std::int64_t last_turn_ = 0;
};

}  // namespace podplay::supervise
