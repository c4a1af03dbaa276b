// Running a command to its end. No shell: argv goes to execvp as it is. Secrets go in by standard
// input or environment, never by argv. Every run is logged at DEBUG, or at INFO with
// PODPLAY_LOG_COMMANDS=true.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"

namespace podplay {

struct Command {
  std::vector<std::string> argv;
  // to standard input
  std::string input{};
  // added to ours
  std::map<std::string, std::string> environment{};
  // SIGTERM, then SIGKILL 2 s later; the result is an Error timeout
  std::chrono::milliseconds deadline{30000};
};

struct Outcome {
  // 128 + signal when killed
  int exit_code = 0;
  // at most 1 MiB, the end is kept
  std::string out;
  std::string err;
  std::chrono::milliseconds duration{0};
  // stdout and stderr together, trimmed: a daemon's own words.
  std::string words() const;
};

class Reaper;

class Runner {
 public:
  virtual ~Runner() = default;
  // Who collects children that are started without run(); nullptr: whoever starts one waits for it.
  virtual std::shared_ptr<Reaper> reaper() const { return nullptr; }
  // An Error only when the command could not be started or ran out of time; a non-zero exit is an
  // Outcome.
  virtual Result<Outcome> run(const Command& command) = 0;
};

// Who collects ended children. By default the Runner waits for exactly its own; where one loop
// waits for all (PID 1), that loop is asked instead.
class Reaper {
 public:
  virtual ~Reaper() = default;
  // Calls `spawn`; the child that it starts is not collected before it is known.
  virtual Result<pid_t> start(const std::function<Result<pid_t>()>& spawn) = 0;
  // The child's wait status, or nothing when the deadline has passed. Once given, the child is
  // forgotten.
  virtual std::optional<int> wait(pid_t pid, std::chrono::steady_clock::time_point deadline) = 0;
};

// Waits for exactly its own children.
std::shared_ptr<Reaper> make_own_reaper();

// posix_spawn, and a wait for exactly that child.
class ProcessRunner final : public Runner {
 public:
  ProcessRunner(Logger log, bool log_commands, std::shared_ptr<Reaper> reaper = nullptr);
  Result<Outcome> run(const Command& command) override;
  std::shared_ptr<Reaper> reaper() const override { return reaper_; }

 private:
  std::shared_ptr<Reaper> reaper_;
  Logger log_;
  bool log_commands_;
};

// Like run(), but a non-zero exit is an Error `io` that quotes the command and its words.
Result<Outcome> run_or_fail(Runner& runner, const Command& command);

}  // namespace podplay
