// Reading evidence never throws: what is missing or of another type is the fallback.
#include "control/watch/diagnosis/evidence.hpp"

#include <algorithm>

namespace podplay::control {
namespace {

const EvidenceJson kNothing;
const EvidenceJson kEmptyList = EvidenceJson::array();
const EvidenceJson kEmptyObject = EvidenceJson::object();

const EvidenceJson& member_of(const EvidenceJson& value, std::string_view name) {
  if (!value.is_object()) {
    return kNothing;
  }
  const auto found = value.find(name);
  return found == value.end() ? kNothing : *found;
}

}  // namespace

const EvidenceJson& AgentEvidence::section(std::string_view name) const {
  return member_of(sections, name);
}

const DaemonStatus* AgentEvidence::daemon(std::string_view name) const {
  const auto found = std::ranges::find(status.daemons, name, &DaemonStatus::name);
  return found == status.daemons.end() ? nullptr : &*found;
}

const ProbeStatus* AgentEvidence::failed_probe(std::string_view name) const {
  const auto found = std::ranges::find_if(
      status.probes, [&](const ProbeStatus& probe) { return !probe.ok && probe.name == name; });
  return found == status.probes.end() ? nullptr : &*found;
}

const EvidenceJson& Evidence::control_section(std::string_view name) const {
  return member_of(control, name);
}

const EvidenceJson& Evidence::fact(std::string_view name) const { return member_of(facts, name); }

const AgentEvidence* Evidence::agent(ServiceName service) const {
  const auto found = std::ranges::find(agents, service, &AgentEvidence::service);
  return found == agents.end() ? nullptr : &*found;
}

std::string text_of(const EvidenceJson& value, std::string_view name) {
  const EvidenceJson& member = member_of(value, name);
  return member.is_string() ? member.get<std::string>() : std::string();
}

std::int64_t number_of(const EvidenceJson& value, std::string_view name, std::int64_t fallback) {
  const EvidenceJson& member = member_of(value, name);
  return member.is_number() ? member.get<std::int64_t>() : fallback;
}

bool flag_of(const EvidenceJson& value, std::string_view name, bool fallback) {
  const EvidenceJson& member = member_of(value, name);
  return member.is_boolean() ? member.get<bool>() : fallback;
}

const EvidenceJson& list_of(const EvidenceJson& value, std::string_view name) {
  const EvidenceJson& member = member_of(value, name);
  return member.is_array() ? member : kEmptyList;
}

const EvidenceJson& object_of(const EvidenceJson& value, std::string_view name) {
  const EvidenceJson& member = member_of(value, name);
  return member.is_object() ? member : kEmptyObject;
}

}  // namespace podplay::control
