// Starting one daemon: a session of its own, nothing on standard input, both outputs into one pipe
// of ours.
#pragma once

#include <sys/types.h>

#include "base/process.hpp"
#include "base/result.hpp"

namespace podplay::supervise {

struct Spawned {
  pid_t pid = 0;
  // non-blocking read end; the caller closes it
  int output = -1;
};

Result<Spawned> spawn(const ProcessSpec& spec);

}  // namespace podplay::supervise
