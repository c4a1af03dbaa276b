// A program that is kept running. Modules that know the daemon describe it; supervise runs it.
#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace podplay {

struct MetricFamily;

// The parts of a line that a daemon wrote.
struct DaemonLine {
  // Names the file LOG.log and the component SERVICE.LOG. Empty means the daemon's own name.
  std::string_view log;
  Level level = Level::info;
  // The line without time, host and severity. Points into the line.
  std::string_view message;
  // It is about the daemon itself, such as a reload, and not about a client.
  bool own_work = false;
  // Such lines are counted in this metric, whatever their level; nullptr: they are not.
  const MetricFamily* counted = nullptr;
};

struct ProcessSpec {
  // The name of the daemon and of its log.
  std::string name;
  // An absolute path first. The program must stay in the foreground.
  std::vector<std::string> argv;
  // Added to this process's variables.
  std::map<std::string, std::string> environment{};
  // The signal for a graceful stop.
  int stop_signal = SIGTERM;
  // How long that may take before the process group gets SIGKILL.
  std::chrono::milliseconds stop_grace{6000};
  // A file that is removed before each start, or empty. The daemon would not start if another
  // process had the number in that file. Each container counts its processes from 1 again, so this
  // happens after a crash.
  std::string pid_file{};
  // Takes a line apart. With nullptr, lines stay whole and the first severity word in them counts.
  DaemonLine (*read_line)(std::string_view) = nullptr;
  // The metrics that its lines are counted in (DaemonLine::counted).
  std::vector<const MetricFamily*> counted{};
};

}  // namespace podplay
