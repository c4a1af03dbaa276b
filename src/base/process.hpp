// A program that is kept running: described by those who know the daemon, run by those who know processes.
#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <vector>

namespace podplay {

struct ProcessSpec {
  std::string name;                                  // of the daemon; its log is <name>.log, its component SERVICE.<name>
  std::vector<std::string> argv;                     // absolute path first; it must stay in the foreground
  std::map<std::string, std::string> environment{};  // added to ours
  int stop_signal = SIGTERM;                         // the graceful one
  std::chrono::milliseconds stop_grace{6000};        // then SIGKILL to its process group
};

}  // namespace podplay
