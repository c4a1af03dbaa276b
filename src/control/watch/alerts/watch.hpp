// Looks for what to alert about, every PODPLAY_ALERT_INTERVAL seconds, in a thread of its own. The
// diagnosis is asked while there are symptoms or known causes, and now and then anyway.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "control/context.hpp"
#include "control/watch/alerts/rules.hpp"

namespace podplay::control {

// How often daemons have ended by themselves within the last hour, from their counts of starts.
class RestartCounter {
 public:
  std::map<std::string, int> take(const std::vector<ServiceStatus>& services, SteadyTime now);

 private:
  struct Daemon {
    int starts = 0;
    std::deque<SteadyTime> ended;
  };
  std::map<std::string, Daemon> daemons_;
};

class AlertWatch {
 public:
  using Diagnose = std::function<Result<Diagnosis>(Context&)>;
  // `is_active`: whether to look (control/watch/active.hpp); none: always.
  AlertWatch(Context& context, Diagnose diagnose, std::function<bool()> is_active = {})
      : context_(context), diagnose_(std::move(diagnose)), is_active_(std::move(is_active)) {}
  ~AlertWatch() { stop(); }
  AlertWatch(const AlertWatch&) = delete;
  AlertWatch& operator=(const AlertWatch&) = delete;

  void start();
  void stop();
  // One look; nothing while this control plane stands by.
  Status look();

 private:
  void run();
  struct Standing {
    // The keys of open alerts.
    std::set<std::string> told;
    bool has_causes = false;
  };
  Result<Standing> read_standing();

  Context& context_;
  const Diagnose diagnose_;
  const std::function<bool()> is_active_;

  // Owned by the thread.
  RestartCounter restarts_;
  std::optional<SteadyTime> diagnosed_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  // Guarded by mutex_.
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace podplay::control
