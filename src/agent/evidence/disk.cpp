// The room on each volume that the service writes, and whether it may write there.
#include <sys/stat.h>

#include <array>

#include "agent/evidence/sections.hpp"
#include "base/volume_space.hpp"

namespace podplay::agent {
namespace {

constexpr std::array kVolumes{"/data/service", "/data/logs", "/data/user-data", "/run", "/tmp"};

bool is_of_root(const char* path) {
  struct stat here{};
  struct stat root{};
  return ::stat(path, &here) == 0 && ::stat("/", &root) == 0 && here.st_dev == root.st_dev;
}

}  // namespace

nlohmann::json collect_disk(const EvidenceTools& tools) {
  nlohmann::json all = nlohmann::json::array();
  for (const char* path : kVolumes) {
    // bind mounts no user data.
    if (tools.service.service == ServiceName::bind && std::string_view(path) == "/data/user-data") {
      continue;
    }
    const auto space = read_volume_space(path);
    // A folder of the image itself: the volume that belongs there is not mounted.
    if (!space || is_of_root(path)) {
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
