// The daemons of a service as the pipe sees them: to be started, restarted and looked at from any
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::supervise {

struct ProcessStatus {
  std::string name;
  // "stopped", "starting", "ready", "backoff", "stopping"
  std::string state;
  // 0: none
  int pid = 0;
  // starts after the first
  int restarts = 0;
  // Unix ms of the last change of state
  std::int64_t since = 0;
  // of the one that ended last; while it runs and is not ready, of this one
  std::string last_words;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // again is fine
  virtual Status start(const std::string& name) = 0;
  // graceful stop, then a start at once
  virtual Status restart(const std::string& name) = 0;
  // its probes passed
  virtual void mark_ready(const std::string& name, int pid) = 0;
  // in start order
  virtual std::vector<ProcessStatus> statuses() const = 0;
  // the whole service is on its way out
  virtual bool stopping() const = 0;
  // Waits until anything differs from `seen` (start with 0) or the timeout has passed; the new
  // value for `seen`.
  virtual std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds timeout) = 0;
};

}  // namespace podplay::supervise
