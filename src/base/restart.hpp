// The end of a container's process 1 that could not run.
#pragma once

#include <chrono>

namespace podplay {

// podman starts a container anew the moment it ended, for ever: who cannot run waits before it
// ends, so that neither the processor nor the log is filled by it. SIGTERM and SIGINT end the wait.
void wait_before_restart(std::chrono::milliseconds pause = std::chrono::seconds(2));

}  // namespace podplay
