// What the daemons' probes find now. The board knows what they found within the last minute only: a
// service that is well is not asked more often.
#include "agent/evidence/sections.hpp"
#include "wire/link.hpp"

namespace podplay::agent {

nlohmann::json collect_probes(const EvidenceTools& tools) {
  if (!tools.probes) {
    return nullptr;
  }
  nlohmann::json all = nlohmann::json::array();
  for (const ProbeStatus& probe : *tools.probes) {
    all.push_back(wire::to_json(probe));
  }
  return all;
}

}  // namespace podplay::agent
