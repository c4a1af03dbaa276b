// Where each app password was used last, gathered until the control plane is told. A program that
// logs in each minute costs nothing but a line in a map.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "model/credential.hpp"

namespace podplay::agent {

// For any thread.
class AppPasswordUses {
 public:
  // A newer use replaces an older one. When very many wait, further ones are forgotten.
  void note(AppPasswordUse use);
  std::vector<AppPasswordUse> take();

 private:
  std::mutex mutex_;
  // Guarded by mutex_. By id.
  std::map<std::int64_t, AppPasswordUse> uses_;
};

}  // namespace podplay::agent
