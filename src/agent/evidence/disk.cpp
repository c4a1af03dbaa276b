// The room on each volume that the service writes, and whether it may write there.
#include <array>

#include "agent/evidence/sections.hpp"
#include "base/volume_space.hpp"

namespace podplay::agent {
namespace {

constexpr std::array kVolumes{"/data/service", "/data/logs", "/data/user-data", "/run", "/tmp"};

}  // namespace

nlohmann::json collect_disk(const EvidenceTools& tools) {
  nlohmann::json all = nlohmann::json::array();
  for (const char* path : kVolumes) {
    // bind mounts no user data.
    if (tools.service.service == ServiceName::bind && std::string_view(path) == "/data/user-data") {
      continue;
    }
    const auto space = read_volume_space(path);
    if (!space) {
      all.push_back({{"path", path}, {"missing", true}});
      continue;
    }
    all.push_back({{"path", path},
                   {"total_bytes", space->total_bytes},
                   {"free_bytes", space->free_bytes},
                   {"total_files", space->total_files},
                   {"free_files", space->free_files},
                   {"read_only", space->read_only}});
  }
  return all;
}

}  // namespace podplay::agent
