// A volume has room while 64 MiB and 1,000 files fit: enough for a release, a sync and some mail,
// so that people can still delete something.
#include "agent/pipe/volumes.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace podplay::agent {
namespace {

constexpr std::uint64_t kLeastBytes = 64U << 20;
constexpr std::uint64_t kLeastFiles = 1000;

}  // namespace

std::vector<ProbeStatus> probe_volumes(const std::vector<std::string>& paths) {
  std::vector<ProbeStatus> results;
  for (const std::string& path : paths) {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) {
      continue;
    }
    const std::uint64_t free = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    const bool inodes = info.f_files == 0 || info.f_favail > kLeastFiles;
    const bool room = free >= kLeastBytes && inodes;
    std::string seen =
        fmt::format("{} MiB and {} files are free in {}", free >> 20, info.f_favail, path);
    if (!room) {
      seen += ": make room on this volume";
    }
    results.push_back({"disk-" + path.substr(path.rfind('/') + 1), room, std::move(seen)});
  }
  return results;
}

}  // namespace podplay::agent
