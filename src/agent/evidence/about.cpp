// The agent itself: its version and its clock.
#include "agent/evidence/sections.hpp"

namespace podplay::agent {

nlohmann::json collect_about(const EvidenceTools& tools) {
  return {{"version", PODPLAY_VERSION},
          {"now", to_millis(tools.clock.now())},
          {"position", tools.board.position().seq},
          {"synced", tools.board.synced()}};
}

}  // namespace podplay::agent
