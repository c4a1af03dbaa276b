// A program that is kept running: described by those who know the daemon, run by those who know processes.
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
  std::string_view log;  // its place: the file <log>.log, the component SERVICE.<log>; empty: the daemon's name
  Level level = Level::info;
  std::string_view message;  // without the time, host and severity in front; part of the line
};

struct ProcessSpec {
  std::string name;                                     // of the daemon, and of its log
  std::vector<std::string> argv;                        // absolute path first; it must stay in the foreground
  std::map<std::string, std::string> environment{};     // added to ours
  int stop_signal = SIGTERM;                            // the graceful one
  std::chrono::milliseconds stop_grace{6000};           // then SIGKILL to its process group
  DaemonLine (*read_line)(std::string_view) = nullptr;  // nullptr: lines as they are, rated by the words in them
};

}  // namespace podplay
