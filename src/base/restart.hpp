// How process 1 of a container ends when it cannot run.
#pragma once

#include <chrono>

namespace podplay {

// Waits for `pause` before the program ends. podman restarts a container at once and forever, so
// without a pause a program that cannot start would use up the processor and fill the log. SIGTERM
// and SIGINT end the wait.
void wait_before_restart(std::chrono::milliseconds pause = std::chrono::seconds(2));

}  // namespace podplay
