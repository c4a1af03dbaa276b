// The container's memory, and how often the kernel has killed a process for it.
#include "agent/evidence/sections.hpp"
#include "base/memory_limit.hpp"

namespace podplay::agent {

nlohmann::json collect_memory(const EvidenceTools&) {
  const auto memory = read_memory_limit();
  if (!memory) {
    return nullptr;
  }
  return {{"used_bytes", memory->used_bytes},
          {"limit_bytes", memory->limit_bytes},
          {"oom_kills", memory->oom_kills}};
}

}  // namespace podplay::agent
