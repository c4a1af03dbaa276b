// A program that is kept running: described by those who know the daemon, run by those who know
// processes.
#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace podplay {

// A line that a daemon wrote, taken apart.
struct DaemonLine {
  // its place: the file <log>.log, the component SERVICE.<log>; empty: the daemon's name
  std::string_view log;
  Level level = Level::info;
  // without the time, host and severity in front; part of the line
  std::string_view message;
};

struct ProcessSpec {
  // of the daemon, and of its log
  std::string name;
  // absolute path first; it must stay in the foreground
  std::vector<std::string> argv;
  // added to ours
  std::map<std::string, std::string> environment{};
  // the graceful one
  int stop_signal = SIGTERM;
  // then SIGKILL to its process group
  std::chrono::milliseconds stop_grace{6000};
  // nullptr: lines as they are, rated by the words in them
  DaemonLine (*read_line)(std::string_view) = nullptr;
};

}  // namespace podplay
