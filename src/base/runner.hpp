// Runs a command to its end, without a shell. Secrets are passed by standard input or environment,
// never by argv, which every user of the machine can read. Every run is logged: at DEBUG, or at
// INFO when the runner was made with `log_commands`.
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
  // Written to standard input.
  std::string input{};
  // Added to this process's variables.
  std::map<std::string, std::string> environment{};
  // When it has passed, the child gets SIGTERM, and SIGKILL 2 s later. The result is then an error
  // of kind `timeout`.
  std::chrono::milliseconds deadline{30000};
};

struct Outcome {
  // 128 + signal when a signal ended the child.
  int exit_code = 0;
  // The last 1 MiB at least; more than 2 MiB are never kept.
  std::string out;
  std::string err;
  std::chrono::milliseconds duration{0};
  // Both outputs, trimmed: what a daemon says in its own words.
  std::string words() const;
};

class Reaper;

class Runner {
 public:
  virtual ~Runner() = default;
  // Waits for children that are started without run(). With nullptr, the code that starts a child
  // waits for it.
  virtual std::shared_ptr<Reaper> reaper() const { return nullptr; }
  // An error only when the command could not be started or did not end in time. An exit code other
  // than 0 is an Outcome.
  virtual Result<Outcome> run(const Command& command) = 0;
};

// Waits for children. By default the Runner waits for its own children only. In process 1 one loop
// waits for all children, so the Runner asks that loop.
class Reaper {
 public:
  virtual ~Reaper() = default;
  // Calls `spawn`. The status of the child that it starts is kept for wait().
  virtual Result<pid_t> start(const std::function<Result<pid_t>()>& spawn) = 0;
  // The child's wait status, or nothing when the deadline has passed. A status is given once.
  virtual std::optional<int> wait(pid_t pid, std::chrono::steady_clock::time_point deadline) = 0;
};

// Waits for one child at a time, by its process id.
std::shared_ptr<Reaper> make_own_reaper();

// Runs commands as real child processes. May be used from several threads.
class ProcessRunner final : public Runner {
 public:
  ProcessRunner(Logger log, bool log_commands, std::shared_ptr<Reaper> reaper = nullptr);
  Result<Outcome> run(const Command& command) override;
  std::shared_ptr<Reaper> reaper() const override { return reaper_; }

 private:
  // Constant after construction.
  std::shared_ptr<Reaper> reaper_;
  Logger log_;
  bool log_commands_;
};

// Like run(), but an exit code other than 0 is an error of kind `io` that quotes the command and
// its words.
Result<Outcome> run_or_fail(Runner& runner, const Command& command);

}  // namespace podplay
