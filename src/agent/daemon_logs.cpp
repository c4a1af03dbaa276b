// A file is opened with its first line, so that a daemon that says nothing leaves no empty file.
#include "agent/daemon_logs.hpp"

#include <fmt/format.h>

namespace podplay::agent {

std::shared_ptr<LogSink> DaemonLogs::file(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  auto& file = files_[name];
  if (!file) {
    file = make_file_sink(fmt::format("{}/{}.log", folder_, name));
  }
  return file;
}

}  // namespace podplay::agent
