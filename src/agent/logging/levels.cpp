// A word that is no level changes nothing.
#include "agent/logging/levels.hpp"

namespace podplay::agent {

void AgentLevels::use(const Snapshot& snapshot) const {
  const auto& wanted = std::visit(
      [](const auto& body) -> const std::string& { return body.log_level; }, snapshot.body);
  if (const auto level = parse_level(wanted)) {
    daemons->store(*level);
  }
  if (const auto level = parse_level(snapshot.agent_level)) {
    own->store(*level);
  }
}

}  // namespace podplay::agent
