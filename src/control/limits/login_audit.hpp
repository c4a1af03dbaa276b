// Failed and refused tries in the audit, as counted rows: the first of a kind at once, those after
// it together, once a minute. Guessing must not fill the store.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "control/context.hpp"
#include "model/limits.hpp"
#include "store/audit.hpp"

namespace podplay::control {

// Makes rows of events. Not for two threads at once.
class LoginCounter {
 public:
  // The rows that are due now.
  std::vector<store::AuditRow> take(const std::vector<LoginEvent>& events, WallTime now);

 private:
  struct Pile {
    store::AuditRow row;
    // When a row of this pile was written last.
    WallTime written{};
  };

  std::map<std::string, Pile> piles_;
};

// Follows context.logins and writes the rows, in a thread of its own.
class LoginAudit {
 public:
  explicit LoginAudit(Context& context) : context_(context) {}
  ~LoginAudit() { stop(); }
  LoginAudit(const LoginAudit&) = delete;
  LoginAudit& operator=(const LoginAudit&) = delete;

  void start();
  // Ends the waiting of everyone who follows context.logins, too.
  void stop();
  // Writes what happened since the last turn. Waits up to `longest` for something.
  void turn(std::chrono::milliseconds longest);

 private:
  Context& context_;
  std::atomic<bool> stopping_ = false;
  // Owned by the thread.
  LoginPosition seen_{};
  LoginCounter counter_;
  std::thread thread_;
};

}  // namespace podplay::control
