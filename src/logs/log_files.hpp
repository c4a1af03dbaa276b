// The log files of a program: one sink for each file, and one thread that seals what was rotated
// and removes what is too old. docs/logs.md
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "logs/retention.hpp"

namespace podplay::logs {

struct LogFileOptions {
  // The folder of the volume.
  std::string root = "/data/logs";
  Keep keep{};
  // A file of this size is rotated; so is one with lines of an earlier day (UTC).
  std::int64_t most_bytes = 10LL << 20;
  // A file that could not be written is tried again after this time.
  std::chrono::milliseconds retry{10000};
};

// For any thread. A rotation renames the file and goes on with a new one, so no line is lost and
// none waits. A volume that is full, read-only or gone stops nothing: lines go on to the other
// sinks, `alarm` gets one line then and one when all is well again.
class LogFiles {
 public:
  // `alarm` must not write to these files.
  LogFiles(LogFileOptions options, Logger alarm);
  // Waits for the segment that is being sealed; others are sealed at the next start.
  ~LogFiles();
  LogFiles(const LogFiles&) = delete;
  LogFiles& operator=(const LogFiles&) = delete;

  // The sink of <root>/<name>.log, such as "mail/postfix"; the same one for the same name. The file
  // is made with its first line.
  std::shared_ptr<LogSink> file(const std::string& name);
  // Why lines do not reach their files at present.
  std::optional<Error> fault() const;
  // Counts from now on which lines and files fail, in `metrics`, which outlives this object and its
  // sinks.
  void count_in(Metrics& metrics);

 private:
  struct Shared;
  class Sink;
  void run();

  // Constant after construction; the sinks share it and may outlive this object.
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace podplay::logs
