// The only waitpid(-1) of the program. The status of a child of the Runner is kept for the thread
// that waits for it; the status of all others, daemons and orphans, is given to the event loop.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/runner.hpp"

namespace podplay::supervise {

// start() and wait() may be called from any thread, collect() from the event loop only.
class ChildReaper final : public Reaper {
 public:
  Result<pid_t> start(const std::function<Result<pid_t>()>& spawn) override;
  std::optional<int> wait(pid_t pid, std::chrono::steady_clock::time_point deadline) override;

  // Takes the status of every child that has ended. Returns those that the Runner did not start,
  // with their wait status.
  std::vector<std::pair<pid_t, int>> collect();
  // The children of the Runner that have not ended.
  std::set<pid_t> running() const;

 private:
  mutable std::mutex mutex_;
  // Signalled after every collect().
  std::condition_variable ended_;
  // Guarded by mutex_: the children of the Runner, with the wait status of those that have ended.
  std::map<pid_t, std::optional<int>> children_;
};

// The children of this process that are not in `known`. Children of a daemon that has ended become
// children of this process.
std::vector<pid_t> find_orphans(const std::set<pid_t>& known);

}  // namespace podplay::supervise
