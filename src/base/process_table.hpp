// The processes of this container, as /proc shows them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace podplay {

struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  // "named"; at most 15 characters.
  std::string name;
  // As ps shows it: R, S, D, Z, T (stopped) or t (traced).
  char state = '?';
  // Effective. `user` is its name; the number when it has none.
  uid_t uid = 0;
  std::string user;
  std::uint64_t rss_bytes = 0;
  // Processor time since its start, in milliseconds.
  std::uint64_t cpu_ms = 0;
  // Since its start, in milliseconds.
  std::uint64_t age_ms = 0;
  // Open file descriptors, and how many it may have; -1 when they may not be read.
  std::int64_t fds = -1;
  std::int64_t fd_limit = -1;
};

// By pid. `root` is where /proc is found below; "" is this machine's. A process that ends meanwhile
// is left out.
std::vector<ProcessFacts> read_processes(const std::string& root = "");
// The arguments of a process, separated by blanks, at most 512 characters; empty when it is gone.
std::string read_command_line(pid_t pid, const std::string& root = "");

}  // namespace podplay
