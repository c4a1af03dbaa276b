// The daemons of a service as the pipe sees them: to be started, restarted and looked at from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::supervise {

struct ProcessStatus {
  std::string name;
  std::string state;       // "stopped", "starting", "ready", "backoff", "stopping"
  int pid = 0;             // 0: none
  int restarts = 0;        // starts after the first
  std::int64_t since = 0;  // Unix ms of the last change of state
  std::string last_words;  // of the one that ended last; while it runs and is not ready, of this one
};

class Processes {
 public:
  virtual ~Processes() = default;
  virtual Status start(const std::string& name) = 0;              // again is fine
  virtual Status restart(const std::string& name) = 0;            // graceful stop, then a start at once
  virtual void mark_ready(const std::string& name, int pid) = 0;  // its probes passed
  virtual std::vector<ProcessStatus> statuses() const = 0;        // in start order
  virtual bool stopping() const = 0;                              // the whole service is on its way out
  // Waits until anything differs from `seen` (start with 0) or the timeout has passed; the new value for `seen`.
  virtual std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) = 0;
};

}  // namespace podplay::supervise
