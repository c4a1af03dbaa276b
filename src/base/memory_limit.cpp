// A container sees its own cgroup as the root below /sys/fs/cgroup.
#include "base/memory_limit.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "base/numbers.hpp"

namespace podplay {
namespace {

// Larger values stand for "no limit" in version 1: LONG_MAX rounded down to a page.
constexpr std::uint64_t kNoLimit = 1ULL << 62;

std::optional<std::uint64_t> read_number(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word)) {
    return std::nullopt;
  }
  // Version 2 writes "max" for none.
  return parse_number<std::uint64_t>(word).value_or(0);
}

// A row "NAME NUMBER" of a file; 0 when there is none.
std::uint64_t read_figure(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  std::string key;
  std::uint64_t value = 0;
  while (file >> key >> value) {
    if (key == name) {
      return value;
    }
  }
  return 0;
}

}  // namespace

std::optional<MemoryLimit> read_memory_limit(const std::string& root) {
  const std::string two = root + "/sys/fs/cgroup";
  const std::string one = two + "/memory";
  MemoryLimit memory;
  if (const auto used = read_number(two + "/memory.current")) {
    memory.limit_bytes = read_number(two + "/memory.max").value_or(0);
    memory.oom_kills = read_figure(two + "/memory.events", "oom_kill");
    memory.used_bytes = *used - std::min(*used, read_figure(two + "/memory.stat", "inactive_file"));
    return memory;
  }
  if (const auto used = read_number(one + "/memory.usage_in_bytes")) {
    const std::uint64_t limit = read_number(one + "/memory.limit_in_bytes").value_or(0);
    memory.limit_bytes = limit >= kNoLimit ? 0 : limit;
    memory.oom_kills = read_figure(one + "/memory.oom_control", "oom_kill");
    memory.used_bytes =
        *used - std::min(*used, read_figure(one + "/memory.stat", "total_inactive_file"));
    return memory;
  }
  return std::nullopt;
}

}  // namespace podplay
