// The decoy of a cost is made under the lock, so that many logins at once make it once. Guessing
// takes longer and holds no lock.
#include "control/identity/hash_memory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "auth/password_scheme.hpp"

namespace podplay::control {

std::string HashMemory::decoy(const HashCost& cost) {
  const std::scoped_lock lock(mutex_);
  std::string& hash = decoys_[{cost.memory, cost.passes}];
  if (hash.empty()) {
    hash = hash_password(Secret(random_token()), cost).value_or("");
  }
  return hash;
}

bool HashMemory::is_among(const std::string& hash, const std::vector<std::string>& guesses) {
  constexpr std::size_t kMostKept = 1000;
  const std::string key = sha256_hex(fmt::format("{}\n{}", hash, fmt::join(guesses, "\n")));
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = guessed_.find(key); found != guessed_.end()) {
      return found->second;
    }
  }
  const bool guessed = std::ranges::any_of(
      guesses, [&](const std::string& guess) { return auth::verify(hash, Secret(guess)); });
  const std::scoped_lock lock(mutex_);
  if (guessed_.size() > kMostKept) {
    guessed_.clear();
  }
  guessed_[key] = guessed;
  return guessed;
}

}  // namespace podplay::control
