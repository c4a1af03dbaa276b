// The file systems that hold files, with the room that is left. Those of the kernel are left out.
#include <algorithm>
#include <array>

#include "base/volume_space.hpp"
#include "looks/descriptors.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

constexpr std::array<std::string_view, 8> kOfTheKernel{"proc",   "sysfs",  "cgroup",     "cgroup2",
                                                       "devpts", "mqueue", "securityfs", "bpf"};

}  // namespace

LookJson look_at_mounts(const LookPlace& place, const LookQuestion&) {
  LookJson rows = LookJson::array();
  for (const MountFacts& mount : parse_mounts(read_proc(place.root + "/proc/self/mountinfo"))) {
    if (std::ranges::find(kOfTheKernel, mount.kind) != kOfTheKernel.end()) {
      continue;
    }
    const auto space = read_volume_space(place.root + mount.point);
    // Devices and parts of /proc have no room of their own.
    if (!space || space->total_bytes == 0 || mount.point.starts_with("/proc/") ||
        mount.point.starts_with("/sys/") || mount.point.starts_with("/dev/")) {
      continue;
    }
    rows.push_back({{"path", mount.point},
                    {"kind", mount.kind},
                    {"source", mount.source},
                    {"options", mount.options},
                    {"read_only", space->read_only},
                    {"total", space->total_bytes},
                    {"free", space->free_bytes},
                    {"total_files", space->total_files},
                    {"free_files", space->free_files}});
  }
  return {{"mounts", std::move(rows)}};
}

}  // namespace podplay::looks
