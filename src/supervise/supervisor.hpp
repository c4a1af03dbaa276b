// Process 1 of a service's container: one event loop that starts, restarts, stops and reaps the
// daemons and reads their output.
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
  // How long stopping all daemons may take together. podman kills the container after 10 s.
  std::chrono::milliseconds stop_budget{8000};
};

// run() belongs to the main thread, add() comes before it. Everything else may be called from any
// thread.
class Supervisor final : public Processes {
 public:
  // Construct it in the main thread, before any other thread starts: SIGTERM, SIGINT, SIGQUIT,
  // SIGHUP and SIGCHLD are blocked here, and run() reads them. `make_log` makes the log of each
  // daemon.
  Supervisor(SupervisorOptions options, Logger log,
             std::function<std::unique_ptr<LineLog>(const ProcessSpec&)> make_log);
  ~Supervisor() override;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Adds a daemon. Daemons stop in the reverse order.
  void add(ProcessSpec spec);
  // For the Runner. Works only while run() runs.
  std::shared_ptr<Reaper> reaper() const { return reaper_; }

  // Runs until SIGTERM, SIGINT, SIGQUIT or request_stop(), then stops the daemons one after the
  // other, the last started first, and returns when all have ended. SIGHUP is passed on to every
  // daemon.
  void run();
  void request_stop();

  Status start(const std::string& name) override;
  Status restart(const std::string& name) override;
  void mark_ready(const std::string& name, int pid) override;
  std::vector<ProcessStatus> statuses() const override;
  bool stopping() const override;
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) override;
  // When the loop turned last, in milliseconds since 1970. For /livez.
  std::int64_t last_turn() const;

 private:
  // The life of one daemon:
  //   stopped -> starting   start() was called
  //   starting -> ready     mark_ready() was called: its probes passed
  //   any running -> backoff   the process ended by itself, or restart() stopped it
  //   backoff -> starting   its pause is over and nothing is left of the process before
  //   any running -> stopping  restart(), or the service is stopping
  //   stopping -> backoff   the process ended and is wanted again
  //   stopping -> stopped   the process ended and the service is stopping
  enum class State { stopped, starting, ready, backoff, stopping };
  struct Managed;

  // All of these are called by run() with mutex_ held, except read_outputs() and read_output().
  // Does what is due now.
  void turn();
  void turn_stopping(SteadyTime now);
  void launch(Managed& daemon, SteadyTime now);
  void begin_stop(Managed& daemon, SteadyTime now, SteadyTime latest);
  void ended(Managed& daemon, int status, SteadyTime now);
  bool count_oom_kills();
  bool clear_leftovers(Managed& daemon, SteadyTime now);
  void reap();
  void read_outputs();
  bool read_output(Managed& daemon);
  void read_signals();
  void set_state(Managed& daemon, State state);
  void wake() const;
  Managed* find(const std::string& name);
  // How long poll(2) may wait, in milliseconds.
  int wait_time(SteadyTime now) const;

  // Constant after construction.
  SupervisorOptions options_;
  Logger log_;
  std::function<std::unique_ptr<LineLog>(const ProcessSpec&)> make_log_;
  std::shared_ptr<ChildReaper> reaper_ = std::make_shared<ChildReaper>();
  SystemClock clock_;
  // A signalfd(2) with the blocked signals.
  int signals_ = -1;
  // An eventfd(2) that ends the wait of the loop.
  int wake_ = -1;

  mutable std::mutex mutex_;
  // Signalled with every new version_.
  std::condition_variable changed_;
  // Guarded by mutex_.
  // Counts the changes of states.
  std::uint64_t version_ = 1;
  // Fixed once run() has started. `output` and `lines` of each belong to the loop alone.
  std::vector<std::unique_ptr<Managed>> daemons_;
  // Set when the service is stopping: every daemon still running then is killed.
  std::optional<SteadyTime> stop_by_;
  std::int64_t last_turn_ = 0;
  // Processes of this container that the kernel had killed for want of memory when a daemon ended.
  std::uint64_t oom_kills_ = 0;

  // Owned by the loop.
  // Outputs are not read before this time, so that lines gather in the pipes.
  SteadyTime listen_from_{};
};

}  // namespace podplay::supervise
