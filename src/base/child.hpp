// Starting a child process. No shell: argv goes to execvp(3) as it is. The child starts with no
// signal blocked and with every signal's default action, whatever this process has set; ChildSpec
// may keep those that are ignored.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay {

struct ChildSpec {
  // The program first, looked up in PATH.
  std::vector<std::string> argv;
  // Added to this process's variables; replaces those of the same name.
  std::map<std::string, std::string> environment{};
  // File descriptors that become 0, 1 and 2. -1 as input is /dev/null.
  int input = -1;
  int output = 1;
  int error = 2;
  // True makes the child lead a session and a process group, which can be signalled as a whole.
  bool own_session = false;
  // True keeps ignored what this process ignores, as after nohup(1).
  bool keep_ignored = false;
};

// The child's process id. The caller waits for it. `not_found` when there is no such program, else
// `io`, both with the code command_start.
Result<pid_t> start_child(const ChildSpec& child);

// The variables of this process.
std::map<std::string, std::string> process_environment();

}  // namespace podplay
