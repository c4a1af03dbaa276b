// A volume has room while 64 MiB and 1,000 files fit: enough for a release, a sync and some mail,
// so that people can still delete something.
#include "agent/pipe/volumes.hpp"

#include <fmt/format.h>

#include "base/volume_space.hpp"

namespace podplay::agent {
namespace {

constexpr std::uint64_t kLeastBytes = 64U << 20;
constexpr std::uint64_t kLeastFiles = 1000;

}  // namespace

std::vector<ProbeStatus> probe_volumes(const std::vector<std::string>& paths) {
  std::vector<ProbeStatus> results;
  for (const std::string& path : paths) {
    const auto space = read_volume_space(path);
    if (!space) {
      continue;
    }
    const bool inodes = space->total_files == 0 || space->free_files > kLeastFiles;
    const bool room = space->free_bytes >= kLeastBytes && inodes;
    std::string seen = fmt::format("{} MiB and {} files are free in {}", space->free_bytes >> 20,
                                   space->free_files, path);
    if (!room) {
      seen += ": make room on this volume";
    }
    results.push_back({"disk-" + path.substr(path.rfind('/') + 1), room, std::move(seen)});
  }
  return results;
}

}  // namespace podplay::agent
