// Releases on disk: <root>/releases/<N>/ with the daemons' files and .release.json, and <root>/current -> releases/<N>.
// A release is complete (and synced) before anything points to it; kill -9 at any moment leaves `current` on a complete one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "model/snapshot.hpp"

namespace podplay::agent {

struct Release {
  std::uint64_t number = 0;
  std::string folder;  // absolute
  Snapshot snapshot;   // what it was made from
  std::string hash;    // the snapshot's
  bool good = false;   // it passed all probes once
};

// How two sets of files differ: relative paths, sorted.
using Changes = std::vector<std::string>;

class Releases {
 public:
  Releases(Files& files, std::string root, Logger log);

  // Finds what is there and removes what a crash left half-written.
  Status open();
  // Only finds the current one; changes nothing on disk.
  void look();

  const std::optional<Release>& current() const { return current_; }
  // Paths that `files` would add, change or remove in the current release (all of them without one).
  Result<Changes> changes(const std::vector<ReleaseFile>& files) const;
  // A unified diff against the current release; empty when nothing changes.
  Result<std::string> diff(const std::vector<ReleaseFile>& files) const;

  // Writes and syncs a new release; unchanged files are hard links into the current one. `current` stays.
  Result<Release> write(const std::vector<ReleaseFile>& files, const Snapshot& snapshot, const std::string& hash);
  // A candidate that leaves no trace in the volume: below /tmp, removed by the caller.
  Status write_to(const std::string& folder, const std::vector<ReleaseFile>& files) const;
  Status install(const Release& release);  // swaps `current`
  Status mark_good();                      // the current one; drops all but the last three good ones
  // Swaps back to the newest good release before the current one and removes the current one; nothing when there is none.
  Result<bool> roll_back();
  Status discard(const Release& release);  // one that is not current

 private:
  std::string folder_of(std::uint64_t number) const;
  Status remove(const std::string& folder);
  Result<Release> load(std::uint64_t number) const;
  Result<std::vector<std::uint64_t>> numbers() const;  // complete or not, sorted

  Files& files_;
  std::string root_;
  Logger log_;
  std::optional<Release> current_;
};

}  // namespace podplay::agent
