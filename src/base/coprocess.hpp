// A program that is kept running and asked again and again: it gets text on its standard input and
// answers on its outputs. For tools whose start costs more than their work.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay {

// Owned and used by one thread.
class Coprocess {
 public:
  // `reaper` collects the child's exit status. With nullptr, this process waits for exactly that
  // child.
  static Result<std::unique_ptr<Coprocess>> start(std::vector<std::string> argv,
                                                  std::shared_ptr<Reaper> reaper);
  // Closes its input, sends SIGTERM and waits for its end.
  ~Coprocess();
  Coprocess(const Coprocess&) = delete;
  Coprocess& operator=(const Coprocess&) = delete;

  // Sends `input` and reads until a line holds `last`. Output from before the call is left out. The
  // text is that of standard output and standard error, in their order. Errors: `unavailable`
  // "coprocess_ended" with its last words, or `timeout`. After either, the program cannot be asked
  // any more.
  Result<std::string> ask(std::string_view input, std::string_view last,
                          std::chrono::milliseconds timeout);

 private:
  Coprocess(std::string name, int socket, pid_t pid, std::shared_ptr<Reaper> reaper);
  // Adds the waiting output to `text`; false at the end of the stream.
  bool read_some(std::string& text);

  // Constant after construction.
  const std::string name_;
  const int socket_;
  const pid_t pid_;
  const std::shared_ptr<Reaper> reaper_;
};

}  // namespace podplay
