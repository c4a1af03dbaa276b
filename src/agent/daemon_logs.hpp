// The log files of the daemons: one sink for each file, since two daemons may share it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/log.hpp"

namespace podplay::agent {

// For any thread.
class DaemonLogs {
 public:
  explicit DaemonLogs(std::string folder) : folder_(std::move(folder)) {}

  // The sink of <folder>/<name>.log; made when it is first asked for.
  std::shared_ptr<LogSink> file(const std::string& name);

 private:
  const std::string folder_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::shared_ptr<LogSink>> files_;
};

}  // namespace podplay::agent
