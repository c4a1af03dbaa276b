// Which of several control planes on one PostgreSQL is the active one: it watches for alerts, notes
// the history of health and sends notices. The others stand by, so that nothing is told twice.
#pragma once

#include <mutex>
#include <optional>

#include "control/context.hpp"
#include "store/program_locks.hpp"

namespace podplay::control {

// The active one is the one that agents report to. While there is none of those, one without agents
// takes its place: somebody must tell that they are away. On SQLite, this one is always active.
// For any thread.
class ActiveOne {
 public:
  ActiveOne(Context& context, const std::string& database) : context_(context), locks_(database) {}
  ActiveOne(const ActiveOne&) = delete;
  ActiveOne& operator=(const ActiveOne&) = delete;

  // Asks the database at most once a second.
  bool is_active();

 private:
  // Call them with the mutex held.
  Result<bool> decide();
  bool has_had_agents();

  Context& context_;

  std::mutex mutex_;
  // Guarded by mutex_.
  store::ProgramLocks locks_;
  bool had_agents_ = false;
  bool active_ = false;
  std::optional<SteadyTime> asked_;
};

}  // namespace podplay::control
