// The room that is left where a path is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace podplay {

struct VolumeSpace {
  std::string path;
  std::uint64_t total_bytes = 0;
  // What an ordinary user may still write.
  std::uint64_t free_bytes = 0;
  // 0: this file system does not count files.
  std::uint64_t total_files = 0;
  std::uint64_t free_files = 0;
  // Mounted read-only here, or made so by the kernel after an error of the disk.
  bool read_only = false;
};

// Nothing when there is no such path.
std::optional<VolumeSpace> read_volume_space(const std::string& path);

}  // namespace podplay
