// The memory of this container: what it uses, what it may use, and how often the kernel has killed
// one of its processes for it. Works with cgroups of version 1 and 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace podplay {

struct MemoryLimit {
  // Without what the kernel can give back at once (inactive file cache).
  std::uint64_t used_bytes = 0;
  // 0: no limit.
  std::uint64_t limit_bytes = 0;
  // Processes that the kernel has killed since the container's start.
  std::uint64_t oom_kills = 0;
};

// Nothing when the container's cgroup cannot be seen. `root` as for read_processes().
std::optional<MemoryLimit> read_memory_limit(const std::string& root = "");

}  // namespace podplay
