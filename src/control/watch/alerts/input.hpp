// What the sources of alerts report at each look: the problems that stand now, and which sources
// could be asked. A source that was not seen says nothing, so its alerts stay as they are.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/alert.hpp"

namespace podplay::control {

struct AlertInput {
  // The same for the same problem at each look: "daemon:mail@main:postfix".
  std::string key;
  AlertSeverity severity = AlertSeverity::warning;
  // "mail", or "control".
  std::string service;
  // Who sees it: "mail@main", or "control".
  std::string source;
  AlertText text;
  // How long it must be gone to be well again; nothing: PODPLAY_ALERT_AFTER.
  std::optional<std::chrono::milliseconds> hold{};
};

struct AlertView {
  std::vector<AlertInput> problems;
  // The sources that answered.
  std::set<std::string> seen;
};

// The source of what the control plane sees by itself.
inline constexpr const char* kControlSource = "control";

}  // namespace podplay::control
