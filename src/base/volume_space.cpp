// Free is what an ordinary user may still write, without what is reserved for root (statvfs(3)).
#include "base/volume_space.hpp"

#include <sys/statvfs.h>

namespace podplay {

std::optional<VolumeSpace> read_volume_space(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) {
    return std::nullopt;
  }
  const auto unit = static_cast<std::uint64_t>(info.f_frsize);
  return VolumeSpace{.path = path,
                     .total_bytes = info.f_blocks * unit,
                     .free_bytes = info.f_bavail * unit,
                     .total_files = info.f_files,
                     .free_files = info.f_favail,
                     .read_only = (info.f_flag & ST_RDONLY) != 0};
}

}  // namespace podplay
