// What hashing has shown once, so that it is not done again: it costs time on purpose. Forgotten
// when the program ends. For any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.hpp"

namespace podplay::control {

class HashMemory {
 public:
  // A hash of nobody's password. Checking against it takes as long as against a hash made now.
  std::string decoy(const HashCost& cost);
  // Whether the password of `hash` is among `guesses`.
  bool is_among(const std::string& hash, const std::vector<std::string>& guesses);

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> decoys_;
  // Guarded by mutex_. The key is a digest of the hash and the guesses.
  std::map<std::string, bool> guessed_;
};

}  // namespace podplay::control
