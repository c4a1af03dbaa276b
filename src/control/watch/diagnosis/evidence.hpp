// What a diagnosis looks at. It is collected once, from all sides at the same time; the rules ask
// nobody.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/context.hpp"
#include "model/health.hpp"
#include "model/report.hpp"

namespace podplay::control {

// Sections are JSON by shape: a member may be missing, since an agent may be of another version.
// Read them with the functions below, which never throw.
using EvidenceJson = nlohmann::json;

// What one agent is known by.
struct AgentEvidence {
  ServiceStatus status;
  // Whether it answered the command `evidence`; `failure` says why not.
  bool answered = false;
  std::string failure;
  // From asking to its answer.
  std::chrono::milliseconds took{0};
  // An object: a member for each section of src/agent/evidence (docs/diagnosis.md lists them).
  EvidenceJson sections = EvidenceJson::object();

  ServiceName service() const { return status.agent.service; }
  // Null when the agent did not send it.
  const EvidenceJson& section(std::string_view name) const;
  // nullptr when the service has no such daemon.
  const DaemonStatus* daemon(std::string_view name) const;
  // The first probe with this name that failed; nullptr when it passed or was not asked.
  const ProbeStatus* failed_probe(std::string_view name) const;
  // Every daemon is ready and every probe passes.
  bool ready() const { return status.state == "ready"; }
};

struct Evidence {
  WallTime now{};
  const Settings* settings = nullptr;
  // Each agent that the hub expects.
  std::vector<AgentEvidence> agents;
  // The checks of health that the control plane makes, about itself ("control") and about services.
  std::vector<ServiceCheck> checks;
  // What the control plane sees of itself, an object of sections as those of an agent: "disk",
  // "memory", "process", "about" and "store" (Store::look()).
  EvidenceJson control = EvidenceJson::object();
  // What the store says, for rules of certificates, domains and accounts: an object of sections
  // that src/control/watch/diagnosis/facts_*.cpp fill, such as "certificates". Sizes are bounded.
  EvidenceJson facts = EvidenceJson::object();

  // Null when there is none.
  const EvidenceJson& control_section(std::string_view name) const;
  const EvidenceJson& fact(std::string_view name) const;
  // The first agent of the service; nullptr when there is none.
  const AgentEvidence* agent(ServiceName service) const;
};

// Members of evidence; the fallback when the member is missing or of another type.
std::string text_of(const EvidenceJson& value, std::string_view name);
std::int64_t number_of(const EvidenceJson& value, std::string_view name, std::int64_t fallback = 0);
bool flag_of(const EvidenceJson& value, std::string_view name, bool fallback = false);
// The elements of a list; an empty list when it is none.
const EvidenceJson& list_of(const EvidenceJson& value, std::string_view name);
const EvidenceJson& object_of(const EvidenceJson& value, std::string_view name);

// Asks every agent and looks at the control plane's own side. Everything that has not answered at
// the deadline is missing.
Evidence collect_evidence(Context& context, std::chrono::milliseconds deadline);

}  // namespace podplay::control
