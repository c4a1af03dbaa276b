// What the container's file systems and its cgroup say.
#include "base/container_metrics.hpp"

#include "base/memory_limit.hpp"
#include "base/volume_space.hpp"

namespace podplay {
namespace {

constexpr MetricFamily kVolumeUsed{.name = "podplay_volume_used_ratio",
                                   .type = MetricType::gauge,
                                   .help = "Share of a volume's space that is in use, 0 to 1"};
constexpr MetricFamily kVolumeFree{.name = "podplay_volume_free_bytes",
                                   .type = MetricType::gauge,
                                   .help = "What may still be written to a volume"};
constexpr MetricFamily kFilesUsed{.name = "podplay_volume_inodes_used_ratio",
                                  .type = MetricType::gauge,
                                  .help = "Share of a volume's inodes that is in use, 0 to 1"};
constexpr MetricFamily kMemory{.name = "podplay_memory_used_bytes",
                               .type = MetricType::gauge,
                               .help = "Memory that the container uses"};
constexpr MetricFamily kMemoryLimit{.name = "podplay_memory_limit_bytes",
                                    .type = MetricType::gauge,
                                    .help = "Memory that the container may use"};
constexpr MetricFamily kOomKills{.name = "podplay_memory_oom_kills_total",
                                 .help = "Processes that the kernel has killed for memory"};
double share_used(std::uint64_t total, std::uint64_t free) {
  return total == 0 ? 0 : 1 - static_cast<double>(free) / static_cast<double>(total);
}

}  // namespace

void add_volume_metrics(MetricText& text, const std::vector<MeasuredVolume>& volumes) {
  std::vector<std::pair<std::string, VolumeSpace>> found;
  for (const MeasuredVolume& volume : volumes) {
    if (auto space = read_volume_space(volume.path)) {
      found.emplace_back(volume.name, std::move(*space));
    }
  }
  text.family(kVolumeUsed);
  for (const auto& [name, space] : found) {
    text.sample(kVolumeUsed, {{"volume", name}}, share_used(space.total_bytes, space.free_bytes));
  }
  text.family(kVolumeFree);
  for (const auto& [name, space] : found) {
    text.sample(kVolumeFree, {{"volume", name}}, static_cast<double>(space.free_bytes));
  }
  text.family(kFilesUsed);
  for (const auto& [name, space] : found) {
    text.sample(kFilesUsed, {{"volume", name}}, share_used(space.total_files, space.free_files));
  }
}

void add_memory_metrics(MetricText& text) {
  if (const auto memory = read_memory_limit()) {
    text.one(kMemory, static_cast<double>(memory->used_bytes));
    text.one(kMemoryLimit, static_cast<double>(memory->limit_bytes));
    text.one(kOomKills, static_cast<double>(memory->oom_kills));
  }
}

}  // namespace podplay
