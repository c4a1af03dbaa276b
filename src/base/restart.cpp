// A wait that a signal ends. Both signals stay blocked, since the program ends anyway.
#include "base/restart.hpp"

#include <pthread.h>

#include <csignal>

namespace podplay {

void wait_before_restart(std::chrono::milliseconds pause) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(pause);
  const timespec longest{seconds.count(), std::chrono::nanoseconds(pause - seconds).count()};
  ::sigtimedwait(&ends, nullptr, &longest);
}

}  // namespace podplay
