// Releases on disk: <root>/releases/<N>/ with the daemons' files and .release.json, and
// <root>/current -> releases/<N>. A release is complete (and synced) before anything points to it;
// kill -9 at any moment leaves `current` on a complete one.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "model/snapshot.hpp"

namespace podplay::agent {

struct Release {
  std::uint64_t number = 0;
  // An absolute path.
  std::string folder;
  // The snapshot that it was made from.
  Snapshot snapshot;
  // The snapshot's hash.
  std::string hash;
  // True once it has passed all probes.
  bool good = false;
};

// How two sets of files differ: relative paths, sorted.
using Changes = std::vector<std::string>;

// One thread at a time changes releases; comparing with the current one is for any thread.
class Releases {
 public:
  Releases(Files& files, std::string root, Logger log);

  // For any thread.

  // Paths that `files` would add, change or remove in the current release (all of them without
  // one).
  Result<Changes> changes(const std::vector<ReleaseFile>& files) const;
  // A unified diff against the current release; empty when nothing changes.
  Result<std::string> diff(const std::vector<ReleaseFile>& files) const;
  // Writes a candidate that leaves no trace in the volume: below /tmp, removed by the caller.
  Status write_to(const std::string& folder, const std::vector<ReleaseFile>& files) const;

  // For the thread that changes releases.

  // Finds the releases on disk and removes those that a crash left half-written.
  Status open();
  // Only finds the current one; changes nothing on disk.
  void look();
  const std::optional<Release>& current() const { return current_; }
  // Writes and syncs a new release; unchanged files are hard links into the current one. `current`
  // does not change.
  Result<Release> write(const std::vector<ReleaseFile>& files, const Snapshot& snapshot,
                        const std::string& hash);
  // Swaps `current`.
  Status install(const Release& release);
  // Marks the current one; removes all but the last three good ones.
  Status mark_good();
  // Swaps back to the newest good release before the current one and removes the current one; false
  // when there is none.
  Result<bool> roll_back();
  // Removes a release that is not current.
  Status discard(const Release& release);

 private:
  std::string folder_of(std::uint64_t number) const;
  Result<Release> load(std::uint64_t number) const;
  // Complete or not, sorted.
  Result<std::vector<std::uint64_t>> numbers() const;
  // With mutex_ held.
  Result<Changes> compare(const std::vector<ReleaseFile>& files) const;
  Status install_locked(const Release& release);
  Status discard_locked(const Release& release);
  Status remove(const std::string& folder);

  // Constant after construction.
  Files& files_;
  const std::string root_;
  const Logger log_;

  // Held while another thread compares, and while `current` is swapped or folders are removed.
  mutable std::shared_mutex mutex_;
  // Written with mutex_ held by the thread that changes releases, which may read it without.
  std::optional<Release> current_;
};

}  // namespace podplay::agent
