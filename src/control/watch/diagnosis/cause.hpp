// The causes that a diagnosis can name. Each is one row of a table: words, and a small function
// that looks at the evidence.
#pragma once

#include <span>
#include <string_view>

#include "control/watch/diagnosis/rule.hpp"
#include "model/found_cause.hpp"

namespace podplay::control {

struct Cause {
  // kebab-case and unique, such as "daemon-port-taken". Also the name of its runbook.
  std::string_view id;
  // "apache", "bind", "mail", "api" or "host". Empty: of the agent that is looked at.
  std::string_view service;
  // The cause in one sentence. Each {} becomes the subject of what the rule shows.
  std::string_view title;
  // What to do, with commands that exist. Each {} becomes the subject, too, and {service} the
  // service.
  std::string_view remedy;
  // A path of this repository, with an anchor when the page has several causes:
  // "docs/runbooks/daemons.md#daemon-port-taken".
  std::string_view runbook;
  // Findings of a lower rank come first. 10: the machine, the disk, the store; 20: the control
  // plane and the link; 30: a daemon; 40: its configuration and its files' content; 50: what it
  // asks others (DNS, remotes); 60: mail and people; 90: only that something is wrong.
  int rank = 50;
  // The ids of causes that follow from this one. They are not reported beside it, but are named in
  // its consequences. On the same agent only, unless this cause concerns the whole pod (`pod` looks
  // at it). "*": every cause of a higher rank on the same agent.
  std::span<const std::string_view> explains{};
  CauseSeverity severity = CauseSeverity::broken;
  // It is seen for a moment while a daemon restarts or reloads, so it must be seen twice. From rank
  // 45 on, each is.
  bool may_pass = false;
  // Exactly one of both. `agent` is called with each agent that has the cause's service.
  AgentRule agent = nullptr;
  PodRule pod = nullptr;
};

// One table for each group of causes (rules_GROUP.cpp).
extern const std::span<const Cause> kDaemonCauses;
extern const std::span<const Cause> kAgentCauses;
extern const std::span<const Cause> kControlCauses;
extern const std::span<const Cause> kStoreCauses;
extern const std::span<const Cause> kHostCauses;
extern const std::span<const Cause> kMailCauses;
extern const std::span<const Cause> kQueueCauses;
extern const std::span<const Cause> kLoginCauses;
extern const std::span<const Cause> kCertificateCauses;
extern const std::span<const Cause> kDnsCauses;
extern const std::span<const Cause> kWebCauses;

// The tables one after the other (diagnose.cpp).
std::span<const std::span<const Cause>> all_causes();
const Cause* find_cause(std::string_view id);

}  // namespace podplay::control
