// Watches how the services are, in a thread of its own: asks the control plane's checks at their
// intervals, and writes every change of health into the history, with its cause.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "control/context.hpp"
#include "control/watch/health/control_checks.hpp"
#include "control/watch/status.hpp"

namespace podplay::control {

class HealthWatch {
 public:
  // `is_active`: whether to write the history (control/watch/active.hpp); none: always.
  explicit HealthWatch(Context& context,
                       std::vector<ControlQuestion> questions = control_questions(),
                       std::function<bool()> is_active = {});
  ~HealthWatch() { stop(); }
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;

  void start();
  void stop();
  // One look: asks what is due, and notes what has changed unless this control plane stands by.
  Status look();

 private:
  struct Asked {
    std::vector<ServiceCheck> answers;
    SteadyTime due{};
    // When it was asked last.
    SteadyTime at{};
    bool doubted = false;
  };
  // What was noted of one service last.
  struct Noted {
    std::string health;
    std::map<std::string, CheckResult> results;
    std::set<std::string> repairs;
  };
  void run();
  void ask(std::size_t index);
  void ask_what_is_due();
  Status recall(const std::string& service, const std::string& host, Noted& noted);
  void note_checks(const std::vector<HealthCheck>& checks, const HealthChange& about, Noted& noted,
                   std::vector<HealthChange>& changes);
  Status note(const SystemStatus& status);

  // Constant after construction.
  Context& context_;
  const std::vector<ControlQuestion> questions_;
  const std::function<bool()> is_active_;

  // Owned by the thread.
  std::vector<Asked> asked_;
  std::map<std::string, Noted> noted_;
  // Changes when any daemon was started.
  std::int64_t started_ = 0;

  std::mutex mutex_;
  std::condition_variable stopped_;
  // Guarded by mutex_.
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace podplay::control
