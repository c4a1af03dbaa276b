// Process 1 waits before it ends, unless a signal ends the wait.
#include "base/restart.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace podplay {
namespace {

TEST(Restart, WaitsUnlessTheProgramIsToEnd) {
  const auto seconds_of = [](bool end) {
    const auto began = std::chrono::steady_clock::now();
    std::thread waiting([end] {
      sigset_t signals;
      sigemptyset(&signals);
      sigaddset(&signals, SIGTERM);
      ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
      if (end) {
        ::pthread_kill(::pthread_self(), SIGTERM);
      }
      wait_before_restart(end ? std::chrono::milliseconds(30'000) : std::chrono::milliseconds(300));
    });
    waiting.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  EXPECT_GE(seconds_of(false), 0.3);
  EXPECT_LT(seconds_of(true), 5);
}

}  // namespace
}  // namespace podplay
