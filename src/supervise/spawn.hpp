// Starts one daemon: in a session of its own, with nothing on standard input, and both outputs in
// one pipe.
#pragma once

#include <sys/types.h>

#include "base/process.hpp"
#include "base/result.hpp"

namespace podplay::supervise {

struct Spawned {
  pid_t pid = 0;
  // The read end of the pipe, non-blocking. The caller closes it.
  int output = -1;
};

Result<Spawned> spawn(const ProcessSpec& spec);

}  // namespace podplay::supervise
