// The daemons of a service as the pipe sees them. All functions may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::supervise {

struct ProcessStatus {
  std::string name;
  // "stopped", "starting", "ready", "backoff", "stopping".
  std::string state;
  // 0 when it is not running.
  int pid = 0;
  // How often it was started again.
  int restarts = 0;
  // When the state changed last, in milliseconds since 1970.
  std::int64_t since = 0;
  // The last lines of the process that ended last, or of the running one while it is not ready.
  std::string last_words;
  // How it ended by itself last: "exit code 1", "signal Killed"; empty when it never did.
  std::string last_exit{};
  // The signal of that end; 0: it exited.
  int last_signal = 0;
  // The kernel had killed a process of the container for want of memory before that end.
  bool last_oom = false;
  // When that was, in milliseconds since 1970, and how many milliseconds it had lived.
  std::int64_t last_exit_at = 0;
  std::int64_t last_lived = 0;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Starts a daemon. Does nothing when it is started already.
  virtual Status start(const std::string& name) = 0;
  // Stops a daemon gracefully, then starts it at once.
  virtual Status restart(const std::string& name) = 0;
  // Says that the probes of the process `pid` have passed.
  virtual void mark_ready(const std::string& name, int pid) = 0;
  // All daemons in the order of their start.
  virtual std::vector<ProcessStatus> statuses() const = 0;
  // True when the whole service is stopping.
  virtual bool stopping() const = 0;
  // Waits until any daemon has changed since the call that returned `seen` (0 at first), or until
  // the timeout has passed. Returns what to pass next.
  virtual std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) = 0;
};

}  // namespace podplay::supervise
