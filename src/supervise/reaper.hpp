// The only waitpid(-1) of the program: children of the Runner get their status handed over, the
// others (daemons and orphans) are given to the event loop.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/runner.hpp"

namespace podplay::supervise {

class ChildReaper final : public Reaper {
 public:
  Result<pid_t> start(const std::function<Result<pid_t>()>& spawn) override;
  std::optional<int> wait(pid_t pid, std::chrono::steady_clock::time_point deadline) override;

  // Called by the event loop on SIGCHLD: every ended child that no wait() is for, with its wait
  // status.
  std::vector<std::pair<pid_t, int>> collect();
  // Children of the Runner that have not ended.
  std::set<pid_t> running() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::map<pid_t, std::optional<int>> children_;
};

// Children of this process that are not in `known`: what a dead daemon left behind came to us.
std::vector<pid_t> find_orphans(const std::set<pid_t>& known);

}  // namespace podplay::supervise
