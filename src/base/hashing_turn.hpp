// A turn at verifying or making a password's hash, which needs a whole processor and up to 64 MiB.
// More turns than processors are not faster, and eighty logins at once would need gigabytes; so
// later ones wait.
#pragma once

#include <algorithm>
#include <cstddef>
#include <semaphore>
#include <thread>

namespace podplay {

class HashingTurn {
 public:
  HashingTurn() { turns().acquire(); }
  ~HashingTurn() { turns().release(); }
  HashingTurn(const HashingTurn&) = delete;
  HashingTurn& operator=(const HashingTurn&) = delete;

 private:
  static std::counting_semaphore<>& turns() {
    static std::counting_semaphore<> all(
        std::clamp<std::ptrdiff_t>(std::thread::hardware_concurrency(), 1, 4));
    return all;
  }
};

}  // namespace podplay
