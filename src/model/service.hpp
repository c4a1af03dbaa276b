// The services of the pod, the agents that run them, and the stages and outcomes of a change.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

// The number of a committed change; 0 is "none yet".
using Revision = std::uint64_t;

enum class ServiceName { apache, bind, mail };
inline constexpr std::array kServices{ServiceName::apache, ServiceName::bind, ServiceName::mail};
std::string_view to_text(ServiceName service);
Result<ServiceName> parse_service(std::string_view text, std::string_view field = "service");

// The name of the host where there is only one.
inline constexpr const char* kFirstHost = "main";

// An agent runs one service on one host.
struct AgentName {
  ServiceName service = ServiceName::apache;
  std::string host = kFirstHost;
  auto operator<=>(const AgentName&) const = default;
};
// "mail@main": the common name of its certificate on the link.
std::string to_text(const AgentName& agent);
Result<AgentName> parse_agent_name(std::string_view text);

// The steps of the pipe (docs/pipe.md).
enum class Stage { fetch, render, check, install, reload, probe, report };
std::string_view to_text(Stage stage);
Result<Stage> parse_stage(std::string_view text);

// The outcome of a revision at one service.
enum class ApplyState { pending, applied, refused };
std::string_view to_text(ApplyState state);
Result<ApplyState> parse_apply_state(std::string_view text);

}  // namespace podplay
